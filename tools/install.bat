@echo off
rem Installs mttq_data from this folder alone; nothing is fetched from anywhere.
setlocal
cd /d "%~dp0"
set "PY="
for %%v in (3.13 3.12 3.11) do (
    if not defined PY (
        py -%%v -c "import sys; sys.exit(sys.maxsize < 2**32)" >nul 2>nul && set "PY=py -%%v"
    )
)
if not defined PY (
    python -c "import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.maxsize > 2**32))" >nul 2>nul && set "PY=python"
)
if not defined PY (
    echo Khong tim thay Python 3.11, 3.12 hoac 3.13 ban 64-bit. Hay cai Python roi chay lai tep nay.
    echo Python 3.11, 3.12 or 3.13 ^(64-bit^) was not found. Install it and run this file again.
    goto :failed
)
echo Dang cai dat / Installing ...
%PY% -m venv ".venv"
if errorlevel 1 goto :broken
".venv\Scripts\python.exe" -m pip --isolated install --quiet --disable-pip-version-check --no-index --find-links "wheels" -c "constraints.txt" mttq_data
if errorlevel 1 goto :broken
".venv\Scripts\mttq.exe" --help >nul
if errorlevel 1 goto :broken
echo.
echo Da cai xong. Chep bao cao vao data\raw\reports, roi nhap dup vao run.bat.
echo Done. Put a report into data\raw\reports, then double-click run.bat.
if not defined MTTQ_NO_PAUSE pause
exit /b 0

:broken
echo Cai dat khong thanh cong; xem cac dong o tren. / Installing failed; see the lines above.
:failed
if not defined MTTQ_NO_PAUSE pause
exit /b 1

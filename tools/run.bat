@echo off
rem Reads data\raw\ and writes data\processed\ and reports\.
setlocal
cd /d "%~dp0"
if not exist ".venv\Scripts\mttq.exe" (
    echo Chua cai dat: hay chay install.bat truoc. / Not installed yet: run install.bat first.
    if not defined MTTQ_NO_PAUSE pause
    exit /b 1
)
".venv\Scripts\mttq.exe" build %*
set "CODE=%ERRORLEVEL%"
if not defined MTTQ_NO_PAUSE pause
exit /b %CODE%

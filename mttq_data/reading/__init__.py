"""From a file to its text: .txt, .md, .docx, .pdf and .html as a `Document`."""

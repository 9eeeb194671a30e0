"""The workbook that goes back to the sender of a return."""

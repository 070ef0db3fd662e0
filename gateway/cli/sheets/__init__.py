"""Reading a workbook apart: a child process with little memory, little time and no right to write parses the file.

What is in here is loaded by that child, so it asks for the standard library and the parser alone: the child starts
for every file, and the forms and code lists would cost ten times what the reading itself does.
"""

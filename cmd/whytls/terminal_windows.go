package main

// terminalDevice is the console that the program was started from, whatever its streams are.
const terminalDevice = "CONIN$"

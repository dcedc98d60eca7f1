#pragma once
// Only the reader: SwiftNIO carries the bytes, hiredis parses them.
#include <stdlib.h>
#include <hiredis/read.h>
#include <hiredis/hiredis.h>

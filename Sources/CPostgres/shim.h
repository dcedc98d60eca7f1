#pragma once
#include <libpq-fe.h>
// Not in Swift's Glibc module: wakes a thread that waits on a connection's socket.
#include <sys/eventfd.h>

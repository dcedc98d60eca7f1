#pragma once
#include <spawn.h>
// glibc declares these only to those that ask for GNU's own (spawn.h, unistd.h; since 2.34), which Swift's Glibc does not.
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *folder);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int pipe2(int ends[2], int flags);

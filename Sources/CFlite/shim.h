#pragma once
#include <flite/flite.h>
// The voice libraries ship without a header.
cst_voice *register_cmu_us_slt(const char *voxdir);
void unregister_cmu_us_slt(cst_voice *voice);

#pragma once
// The voice libraries ship without a header. A `cst_voice` is not declared here, so that Swift knows only one of them.
void *register_cmu_us_rms(const char *voxdir);
void *register_cmu_us_awb(const char *voxdir);

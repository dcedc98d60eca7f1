#pragma once
#include <flite/flite.h>
#include <setjmp.h>
// The voice libraries ship without a header.
cst_voice *register_cmu_us_slt(const char *voxdir);
void unregister_cmu_us_slt(cst_voice *voice);

// flite keeps the pointer of a feature's or relation's name and does not copy the characters, so the names must be C
// literals: a Swift string's temporary C copy is gone after the call.
static inline cst_relation *flite_create_tokens(cst_utterance *utterance) {
    return utt_relation_create(utterance, "Token");
}

// The features that flite's own tokeniser sets; its text analysis reads them all.
static inline void flite_append_token(cst_relation *tokens, const char *text, const char *punctuation) {
    cst_item *item = relation_append(tokens, NULL);
    item_set_string(item, "name", text);
    item_set_string(item, "whitespace", " ");
    item_set_string(item, "prepunctuation", "");
    item_set_string(item, "punc", punctuation);
    item_set_int(item, "file_pos", 0);
    item_set_int(item, "line_number", 1);
}

static inline void flite_set_duration_stretch(cst_voice *voice, float stretch) {
    feat_set_float(voice->features, "duration_stretch", stretch);
}

// flite ends the process at an internal error unless it finds a jump buffer; setjmp can't be called from Swift. NULL when
// it failed: the utterance must not be used, nor freed, afterwards.
static inline cst_utterance *flite_synth_tokens(cst_utterance *utterance, cst_voice *voice) {
    jmp_buf failed;
    cst_utterance *volatile spoken = NULL;
    cst_errjmp = &failed;
    if (setjmp(failed) == 0) spoken = flite_do_synth(utterance, voice, utt_synth_tokens);
    cst_errjmp = NULL;
    return spoken;
}

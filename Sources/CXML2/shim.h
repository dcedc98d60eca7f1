#pragma once
// Debian's libxml2 is built with ICU, whose headers clash with the ICU inside Swift's Foundation. They are only needed
// for the last members of xmlCharEncodingHandler, which we don't use.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
// Not in Swift's Glibc module: the C library's conversion between character sets.
#include <iconv.h>

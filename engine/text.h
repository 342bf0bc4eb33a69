/* Checks of text from outside, and messages that are safe to show. Internal; hosts use reload.h.
 *
 * The checks return RELOAD_OK or RELOAD_INVALID; then the message says which argument (`what`, such
 * as "client id") is wrong and how. A null message is allowed. None of them reads further than one
 * byte past the longest text it accepts, so that an array without its NUL is refused, not overrun.
 */
#ifndef RL_TEXT_H
#define RL_TEXT_H

#include "reload.h"

/* An id: 1 to 64 bytes of UTF-8 without overlong forms and surrogates, without control characters
 * (C0, DEL, C1, the line and paragraph separators), and without a space at either end. Everything
 * else is allowed, also quotes and other scripts. Ids are compared bytewise, never normalised.
 * In:      value  may be null, which is refused
 */
enum reload_error rl_text_id(const char *value, const char *what, struct reload_message *message);

/* One mail address, local@domain, safe in a header and in an SMTP command: at most 254 bytes; the
 * local part is a dot-atom (RFC 5322: letters, digits, !#$%&'*+-/=?^_`{|}~, single inner dots) of
 * at most 64 bytes; the domain has two or more labels of letters, digits and inner hyphens.
 * In:      value  may be null, which is refused
 */
enum reload_error rl_text_email(const char *value, const char *what,
                                struct reload_message *message);

/* A currency: three lower-case ASCII letters.
 * In:      value  may be null, which is refused
 */
enum reload_error rl_text_currency(const char *value, const char *what,
                                   struct reload_message *message);

/* Copy text into an array of `size` bytes and fill the rest with zeros, so that structs can be
 * compared and hashed as bytes.
 * In:      from  NUL-terminated, or null; must not overlap `to`
 * Returns: false if it does not fit with its NUL, or is null; then `to` is all zeros
 */
bool rl_text_copy(char *to, size_t size, const char *from);

/* The same of a text that was checked before, and so fits. */
void rl_text_keep(char *to, size_t size, const char *from);

/* Write a message, as printf does. Control characters and bytes that are no UTF-8 are shown escaped
 * (\n, \x1b, \u0085), so hostile arguments are fine. What does not fit is cut between characters
 * and ends in "...". The rest of the text is filled with zeros.
 * In:      message  null: nothing happens
 */
void rl_message_set(struct reload_message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

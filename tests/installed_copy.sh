#!/usr/bin/env bash
# A program of somebody else's builds against the installed copy through pkg-config, shared and
# static, and spends tokens with it; `make uninstall` leaves nothing behind.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)

# Installed under other names than the defaults, and staged as a packager would do it.
install=(make -s SETUP=no "DESTDIR=$work/stage" prefix=/opt/reload libdir=/opt/reload/lib64)
trap 'rm -rf "$work"; make -s SETUP=no build/reload.pc' EXIT
"${install[@]}" install >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

root=$work/stage/opt/reload
for file in include/reload/reload.h include/reload/ports.h lib64/libreload.a lib64/libreload.so \
  lib64/libreload.so.0 lib64/pkgconfig/reload.pc; do
  [ -e "$root/$file" ] || { echo "not installed: $file"; exit 1; }
done
if grep -q "$work" "$root/lib64/pkgconfig/reload.pc"; then
  echo "reload.pc names the staging directory"
  exit 1
fi
objdump -p "$root/lib64/libreload.so" | grep -q 'SONAME *libreload.so.0$' ||
  { echo "wrong SONAME"; exit 1; }

cat >"$work/host.c" <<'END'
#include <reload.h>
#include <stdio.h>
#include <string.h>

/* A card that is never needed: the action fits in the balance. */
static void create(void *self, const struct reload_intent_request *request,
                   struct reload_card_reply *reply) {
  (void)self, (void)request, (void)reply;
}
static void confirm(void *self, const char *id, const char *key, struct reload_card_reply *reply) {
  (void)self, (void)id, (void)key, (void)reply;
}
static void cancel(void *self, const char *id, struct reload_card_reply *reply) {
  (void)self, (void)id, (void)reply;
}
static int64_t now(void *self) {
  (void)self;
  return 1767225600000;
}
static void doze(void *self, int64_t ms) { (void)self, (void)ms; }
static enum reload_mail_outcome deliver(void *self, const struct reload_mail *mail) {
  (void)self, (void)mail;
  return RELOAD_MAIL_ACCEPTED;
}

int main(int argc, char **argv) {
  struct reload_config config = {
      .path = argc > 1 ? argv[1] : "",
      .settings = {.top_up_tokens = 100, .top_up_price_minor = 1000, .currency = "usd",
                   .wait_limit_ms = 30000, .attempt_limit_ms = 120000},
      .card = {0, create, confirm, cancel}, .clock = {0, now, doze}, .mail = {0, deliver}};
  struct reload_engine *engine = 0;
  struct reload_message message = {""};
  enum reload_error error = reload_open(&config, &engine, &message);
  if (!error)
    error = reload_client_add(engine, "acme", "olga@owners.example", "cus_1", &message);
  if (!error) error = reload_cycle_grant(engine, "acme", "2026-01", 50, &message);
  struct reload_spend spend = {.client_id = "acme", .action_id = "creative-7", .cost_tokens = 8};
  if (!error) error = reload_spend_run(engine, &spend, &message);
  reload_close(engine);
  if (error) {
    printf("%s: %s\n", reload_error_name(error), message.text);
    return 1;
  }
  printf("done %d, balance %lld\n", spend.verdict.done, (long long)spend.verdict.balance_tokens);
  return 0;
}
END

export PKG_CONFIG_PATH=$root/lib64/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/stage
read -ra cflags <<<"$(pkg-config --cflags reload)"
read -ra libs <<<"$(pkg-config --libs reload)"
PKG_CONFIG_SYSROOT_DIR='' read -ra others <<<"$(pkg-config --libs sqlite3 jansson nettle)"
version=$(sed -n 's/^#define RELOAD_VERSION "\(.*\)"/\1/p' engine/reload.h)
[ "$(pkg-config --modversion reload)" = "$version" ] || { echo "reload.pc: wrong version"; exit 1; }

cc=(gcc -std=c11 -Wall -Wextra -Werror "${cflags[@]}" "$work/host.c")
"${cc[@]}" -o "$work/shared" "${libs[@]}"
"${cc[@]}" -o "$work/static" "$root/lib64/libreload.a" "${others[@]}"

# expect PROGRAM: it must have deducted 8 of 50 tokens
expect() {
  local said
  said=$(LD_LIBRARY_PATH=$root/lib64 "$work/$1" "$work/$1.db") || true
  [ "$said" = "done 1, balance 42" ] || { echo "the $1 program said: $said"; exit 1; }
}
expect shared
expect static

"${install[@]}" uninstall >>"$work/log" 2>&1
left=$(find "$work/stage" ! -type d)
[ -z "$left" ] || { echo "uninstall left: $left"; exit 1; }
echo "installed, used, uninstalled"

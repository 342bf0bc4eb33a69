/* Paths: cleaned, joined, turned into case ids, and found below a folder. */
#include "reader.h"
#include "suffix.h"
#include "utf8.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Names of files ----------------------------------------------------------------------- */

/* The length of a path without its last part: "a/b" -> 1, "a" -> 0, "/a" -> 1. */
static size_t parent_length(const char *path, size_t length) {
  while (length > 0 && path[length - 1] != '/') length--;
  return length > 1 ? length - 1 : length;
}

static bool ends_in_parent(const char *path, size_t length) {
  return length >= 2 && memcmp(path + length - 2, "..", 2) == 0 &&
         (length == 2 || path[length - 3] == '/');
}

const char *sim_path_clean(struct sim_arena *arena, const char *path) {
  const size_t size = strlen(path);
  char *out = sim_arena_alloc(arena, size + 2, 1);
  const bool absolute = path[0] == '/';
  size_t length = 0;

  if (!out) return "";
  if (absolute) out[length++] = '/';
  for (size_t at = 0, part; at < size; at += part + 1) {
    part = strcspn(path + at, "/");
    if (part == 0 || (part == 1 && path[at] == '.')) continue;
    if (part == 2 && memcmp(path + at, "..", 2) == 0) {
      if (absolute && length == 1) continue; /* above the root is the root */
      if (length > 0 && !ends_in_parent(out, length)) {
        length = parent_length(out, length);
        continue;
      }
    }
    if (length > 0 && out[length - 1] != '/') out[length++] = '/';
    memcpy(out + length, path + at, part);
    length += part;
  }
  if (length == 0) out[length++] = '.';
  out[length] = '\0';
  return out;
}

const char *sim_path_beside(struct sim_arena *arena, const char *file, const char *path) {
  const char *slash = strrchr(file, '/');
  const int folder = slash ? (int)(slash - file) + 1 : 0;

  return sim_path_clean(arena, sim_arena_format(arena, "%.*s%s", folder, file, path));
}

static bool is_printable(const char *text) {
  const size_t size = strlen(text);

  for (size_t at = 0, step; at < size; at += step) {
    step = sim_utf8_size(text + at, size - at);
    if (step == 0 || (unsigned char)text[at] < 0x20 || text[at] == 0x7f || text[at] == '#') {
      return false;
    }
  }
  return size > 0;
}

const char *sim_path_id(struct sim_arena *arena, const char *path) {
  static const char root[] = "/scenarios/", suffix[] = ".json";
  char here[SIM_MAX_PATH_BYTES];
  const char *full = path, *id;
  size_t length;

  if (!getcwd(here, sizeof(here))) here[0] = '\0';
  if (path[0] != '/') full = sim_arena_format(arena, "%s/%s", here, path);
  full = sim_path_clean(arena, full);
  length = strlen(here);
  id = full + (*full == '/');
  if (length > 1 && strncmp(full, here, length) == 0 && full[length] == '/') id = full + length + 1;
  for (const char *found = strstr(full, root); found; found = strstr(found + 1, root)) {
    id = found + sizeof(root) - 1;
  }
  length = strlen(id);
  if (length >= sizeof(suffix) && strcmp(id + length - (sizeof(suffix) - 1), suffix) == 0) {
    length -= sizeof(suffix) - 1;
  }
  id = sim_arena_text(arena, id, length);
  return is_printable(id) ? id : NULL;
}

/* ---- Folders ------------------------------------------------------------------------------ */

static bool is_scenario_name(const char *name) {
  return sim_ends_in(name, ".json") && !sim_ends_in(name, ".schema.json") &&
         strcmp(name, "rules.json") != 0;
}

static bool add_path(struct sim_paths *paths, const char *path) {
  const char **items = sim_grow(paths->list, paths->count, &paths->room, sizeof(*items));

  if (!items) return false;
  paths->list = items;
  paths->list[paths->count++] = path;
  return true;
}

static bool walk_folder(struct sim_reader *reader, const char *folder, int depth,
                        struct sim_paths *paths);

/* One entry of a folder; false when out of memory. */
static bool walk_entry(struct sim_reader *reader, const char *folder, const char *name, int depth,
                       struct sim_paths *paths) {
  const char *between = sim_ends_in(folder, "/") ? "" : "/";
  const char *path = sim_arena_format(paths->arena, "%s%s%s", folder, between, name);
  struct stat status, target;

  if (*path == '\0') return false;
  if (lstat(path, &status) != 0) {
    sim_mistake_at(reader, sim_file_start(path), "it cannot be read");
    return true;
  }
  if (S_ISLNK(status.st_mode) && stat(path, &target) == 0 && S_ISDIR(target.st_mode)) {
    /* A link may lead back to a folder above. */
    sim_mistake_at(
        reader, sim_file_start(path),
        "a symbolic link to a folder is not followed: name the folder itself or remove the link");
    return true;
  }
  if (S_ISDIR(status.st_mode)) {
    return strcmp(name, "shared") == 0 || walk_folder(reader, path, depth + 1, paths);
  }
  return !is_scenario_name(name) || add_path(paths, path);
}

static bool walk_folder(struct sim_reader *reader, const char *folder, int depth,
                        struct sim_paths *paths) {
  const struct dirent *entry;
  bool ok = true;
  DIR *stream;

  if (depth > SIM_MAX_FOLDER_DEPTH || strlen(folder) >= SIM_MAX_PATH_BYTES) {
    sim_mistake_at(reader, sim_file_start(folder),
                   "the folders are nested more than %d deep, or the path is longer than %d bytes",
                   SIM_MAX_FOLDER_DEPTH, SIM_MAX_PATH_BYTES);
    return true;
  }
  stream = opendir(folder);
  if (!stream) {
    sim_mistake_at(reader, sim_file_start(folder), "the folder cannot be read");
    return true;
  }
  while (ok && (entry = readdir(stream)) != NULL) {
    if (entry->d_name[0] == '.') continue; /* hidden, or the folder itself and its parent */
    ok = walk_entry(reader, folder, entry->d_name, depth, paths);
  }
  (void)closedir(stream);
  return ok;
}

static int compare_paths(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool sim_paths_walk(struct sim_reader *reader, const char *folder, struct sim_paths *paths) {
  const bool complete = walk_folder(reader, folder, 1, paths);

  if (paths->count > 1) qsort(paths->list, paths->count, sizeof(*paths->list), compare_paths);
  return complete;
}

/* Saving and restoring the disk as a value. */
#include "disk_inside.h"

#include <assert.h>
#include <stdlib.h>

static void clear_saved(struct fake_disk *disk, struct fake_saved_file *saved) {
  fake_content_drop(&disk->blocks, &saved->live);
  fake_content_drop(&disk->blocks, &saved->durable);
  fake_log_drop(disk, &saved->log);
  free(saved->shm);
  saved->shm = NULL;
}

void fake_record_drop(struct fake_disk *disk, struct fake_disk_record *record) {
  if (record == NULL || --record->owners > 0) {
    return;
  }
  for (int i = 0; i < record->file_count; i++) {
    clear_saved(disk, &record->files[i]);
  }
  disk->record_count--;
  free(record);
}

static bool save_file(const struct fake_disk_file *file, bool with_shm,
                      struct fake_saved_file *saved) {
  *saved = (struct fake_saved_file){.exists = file->exists};
  if (with_shm && file->shm != NULL && (saved->shm = fake_shm_save(file->shm)) == NULL) {
    return false;
  }
  saved->live = fake_content_share(&file->live);
  saved->durable = fake_content_share(&file->durable);
  if (file->log != NULL && file->log->count > 0) {
    saved->log = file->log;
    saved->log->owners++;
  }
  return true;
}

static struct fake_disk_record *record_new(struct fake_disk *disk, bool with_shm) {
  size_t files_size = (size_t)disk->file_count * sizeof(struct fake_saved_file);
  struct fake_disk_record *record = malloc(sizeof *record + files_size);
  if (record == NULL) {
    return NULL;
  }
  *record = (struct fake_disk_record){.disk = disk,
                                      .serial = ++disk->last_record,
                                      .random_state = disk->random_state,
                                      .owners = 1,
                                      .dead = disk->dead};
  disk->record_count++;
  for (int i = 0; i < disk->file_count; i++) {
    if (!save_file(&disk->files[i], with_shm, &record->files[i])) {
      fake_record_drop(disk, record);
      return NULL;
    }
    record->file_count++;
  }
  return record;
}

static void set_current(struct fake_disk *disk, struct fake_disk_record *record) {
  record->owners++;
  fake_record_drop(disk, disk->current);
  disk->current = record;
  disk->touched = false;
}

bool fake_disk_save(struct fake_disk *disk, struct fake_disk_image *image) {
  assert(image->record == NULL);
  fake_disk_fresh_randomness(disk);
  if (disk->current != NULL && !disk->touched) {
    disk->current->owners++;
    image->record = disk->current;
    return true;
  }
  bool is_idle = fake_disk_is_idle(disk);
  image->record = record_new(disk, is_idle);
  if (image->record != NULL && is_idle) {
    set_current(disk, image->record);
  }
  return image->record != NULL;
}

bool fake_disk_save_moment(struct fake_disk *disk, struct fake_disk_image *image) {
  assert(image->record == NULL);
  image->record = record_new(disk, false);
  return image->record != NULL;
}

static void replace_content(struct fake_disk *disk, struct fake_content *content,
                            const struct fake_content *by) {
  struct fake_content old = *content;
  *content = fake_content_share(by);
  fake_content_drop(&disk->blocks, &old);
}

static void restore_file(struct fake_disk *disk, struct fake_disk_file *file,
                         const struct fake_saved_file *saved) {
  file->exists = saved->exists;
  replace_content(disk, &file->live, &saved->live);
  replace_content(disk, &file->durable, &saved->durable);
  if (file->log != saved->log && (saved->log != NULL || file->log->count > 0)) {
    fake_log_drop(disk, &file->log);
    if (saved->log != NULL) {
      file->log = saved->log;
      file->log->owners++;
    }
  }
  if (file->shm != NULL) {
    fake_shm_restore(file->shm, saved->shm);
  }
}

void fake_disk_reach(struct fake_disk *disk, const struct fake_disk_image *moment) {
  const struct fake_disk_record *record = moment->record;
  assert(record->disk == disk && record->file_count == disk->file_count && fake_disk_is_idle(disk));
  for (int i = 0; i < disk->file_count; i++) {
    restore_file(disk, &disk->files[i], &record->files[i]);
  }
  disk->random_state = record->random_state;
  disk->touched = true;
}

void fake_disk_restore(struct fake_disk *disk, const struct fake_disk_image *image) {
  struct fake_disk_record *record = image->record;
  static const struct fake_saved_file nothing = {.exists = false};
  assert(record != NULL && record->disk == disk && fake_disk_is_idle(disk));
  fake_disk_fresh_randomness(disk);
  if (record == disk->current && !disk->touched) {
    return; /* the caches are right too */
  }
  fake_disk_forget_caches(disk);
  for (int i = 0; i < disk->file_count; i++) {
    restore_file(disk, &disk->files[i], i < record->file_count ? &record->files[i] : &nothing);
  }
  disk->random_state = record->random_state;
  disk->dead = record->dead;
  fake_disk_update_guard(disk);
  set_current(disk, record);
  for (struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    if (!h->is_temp && !h->file->exists) {
      h->file->exists = true;
      disk->touched = true;
    }
  }
}

void fake_disk_image_share(struct fake_disk_image *to, const struct fake_disk_image *from) {
  assert(to->record == NULL && from->record != NULL);
  from->record->owners++;
  to->record = from->record;
}

void fake_disk_image_release(struct fake_disk *disk, struct fake_disk_image *image) {
  fake_record_drop(disk, image->record);
  image->record = NULL;
}

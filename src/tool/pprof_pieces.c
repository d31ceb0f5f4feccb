/* See pprof_pieces.h. */
#include "pprof_pieces.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "format.h"
#include "symbols.h" /* for uthash */

struct string {
    char *text; /* as it is in the profile */
    int64_t index;
    UT_hash_handle hh;
};

struct pprof {
    FILE *out;
    z_stream gzip;
    struct string *strings;
    bool failed;
};

/* 15: the largest window; 16: with gzip's header, not zlib's. 8: zlib's own default for memory. */
#define GZIP_WINDOW (15 + 16)
#define GZIP_MEMORY 8

struct pprof *pprof_open(FILE *out)
{
    struct pprof *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->out = out;
    if (deflateInit2(&p->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(p);
        return NULL;
    }
    pprof_string(p, ""); /* the format wants it first */
    return p;
}

/* Takes all of the bytes; what zlib gives back for them goes out. */
static void compress_bytes(struct pprof *p, uint8_t *bytes, size_t size, int flush)
{
    unsigned char room[16384];
    p->gzip.next_in = bytes;
    p->gzip.avail_in = (uInt)size;
    do {
        p->gzip.next_out = room;
        p->gzip.avail_out = sizeof room;
        deflate(&p->gzip, flush);
        size_t given = sizeof room - p->gzip.avail_out;
        p->failed |= fwrite(room, 1, given, p->out) != given;
    } while (p->gzip.avail_out == 0);
}

void pprof_put(struct pprof *p, const Pprof__Profile *piece)
{
    size_t size = pprof__profile__get_packed_size(piece);
    uint8_t *bytes = malloc(size + 1);
    p->failed |= !bytes || size > UINT32_MAX;
    if (!p->failed)
        compress_bytes(p, bytes, pprof__profile__pack(piece, bytes), Z_NO_FLUSH);
    free(bytes);
}

static int64_t add_string(struct pprof *p, char *text)
{
    struct string *string = malloc(sizeof *string);
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    p->failed |= !string;
    if (!string) {
        free(text);
        return 0;
    }
    *string = (struct string){.text = text, .index = HASH_COUNT(p->strings)};
    HASH_ADD_KEYPTR(hh, p->strings, string->text, strlen(string->text), string);
    piece.n_string_table = 1;
    piece.string_table = &string->text;
    pprof_put(p, &piece);
    return string->index;
}

int64_t pprof_string(struct pprof *p, const char *text)
{
    struct string *string = NULL;
    char *visible = format_visible(text ? text : "");
    p->failed |= !visible;
    if (!visible)
        return 0;
    HASH_FIND(hh, p->strings, visible, strlen(visible), string);
    if (!string)
        return add_string(p, visible);
    free(visible);
    return string->index;
}

int pprof_close(struct pprof *p)
{
    struct string *string, *next;
    compress_bytes(p, NULL, 0, Z_FINISH);
    deflateEnd(&p->gzip);
    HASH_ITER(hh, p->strings, string, next)
    {
        HASH_DEL(p->strings, string);
        free(string->text);
        free(string);
    }
    int result = p->failed ? -1 : 0;
    free(p);
    return result;
}

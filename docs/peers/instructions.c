// A plugin of qemu-user that counts the instructions that a program executes, by function, for machines that are
// not at hand. Debian's package qemu-user takes plugins, qemu-user-static does not.
//
//   gcc -O2 -shared -fPIC -o instructions.so docs/peers/instructions.c
//   COUNT=counts.txt qemu-aarch64 -plugin ./instructions.so PROGRAM ...
//
// The declarations are those of QEMU's qemu-plugin.h, version 1 of the interface, which Debian does not ship.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;
enum { QEMU_PLUGIN_INLINE_ADD_U64 = 0 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int, void *, uint64_t);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);

int qemu_plugin_version = 1;

struct function {
	struct function *next;
	char *name;
	uint64_t count;
};

static struct function *functions;

static struct function *function(const char *name)
{
	struct function *f;
	for (f = functions; f; f = f->next)
		if (!strcmp(f->name, name))
			return f;
	f = calloc(1, sizeof *f);
	f->name = strdup(name);
	f->next = functions;
	return functions = f;
}

// A translated block is counted where it begins: a fault within it counts as the whole.
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t n = qemu_plugin_tb_n_insns(block);
	const char *name = n ? qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(block, 0)) : NULL;
	struct function *f = function(name && *name ? name : "?");
	qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &f->count, n);
}

static void finish(qemu_plugin_id_t id, void *data)
{
	const char *path = getenv("COUNT");
	FILE *out = path ? fopen(path, "w") : stderr;
	uint64_t total = 0;
	if (!out) {
		perror(path);
		return;
	}
	for (struct function *f = functions; f; f = f->next) {
		total += f->count;
		if (f->count)
			fprintf(out, "%" PRIu64 " %s\n", f->count, f->name);
	}
	fprintf(out, "%" PRIu64 " TOTAL\n", total);
	fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What the commands of the tool have in common. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <netns.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_TIMEOUT = 124, /* as of timeout(1) */
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

/*
 * An option: what getopt, --help and the completion know of it. A list of them
 * ends with {0}.
 */
struct cli_option {
	int value;        /* its letter, or OPTION_LONG + n for one without */
	const char *name; /* the long one */
	const char *
		argument; /* what --help calls its argument; "[=WORD]": may be left out; NULL: none */
	const char *help;      /* may have several lines */
	const char *completes; /* what the argument is, for the completion (complete.c) */
};
enum { OPTION_LONG = 256 };

enum command_flags {
	FROM_IP = 1 << 0,   /* an abbreviation of it wins, in the order of the table, as in ip(8) */
	TAKES_ALL = 1 << 1, /* `netns --all COMMAND` means `netns COMMAND --all` */
	OPTIONS_FIRST = 1 << 2, /* what follows the first operand is not ours */
	HIDDEN = 1 << 3,        /* from people: it serves programs */
};

/* A command. Each is defined in the file of its name. */
struct command {
	const char *name;
	const char *aliases; /* separated by spaces; NULL for none */
	const char *usage;   /* what follows the name */
	const char *summary;
	const char *details;              /* what --help says before the options */
	const struct cli_option *options; /* its own; --help and --run-dir every command has */
	const char *examples;             /* what --help says after them */
	const char *operands;             /* what they are, for the completion (complete.c) */
	int (*run)(int argc, char **argv);
	unsigned flags;
};

/* The table: each file NAME.c defines its NAME_command. */
#define COMMAND(name) extern const struct command name##_command;
#include "commands.list"
#undef COMMAND

/* In the order of the table; `current` is the command that runs, NULL before it is known. */
extern const struct command *const commands[];
extern const size_t n_commands;
extern const struct command *current;

struct globals {
	const char *run_dir; /* NULL: the default one */
	const char *netns;   /* from where to look; NULL: from here */
	bool json;
	bool pretty;
	bool all;
};
extern struct globals globals;

/* By name, alias or abbreviation; find_command() does not return when there is none. */
const struct command *find_command(const char *word);
const struct command *look_up_command(const char *word);

/* Where the current command is to run, and then runs it; a status. */
int dispatch(int argc, char **argv);

/*
 * option.c: getopt_long_only(3), so that ip's -json and -all are understood,
 * with our own messages. The value of the next option of the current command
 * (or, before there is one, of `netns` itself), -1 at the end. What every
 * command has is dealt with; does not return on --help and on errors.
 */
int next_option(int argc, char **argv);
extern const struct cli_option common_options[], global_options[];

/* Rows for commands with output, and what to do with them: all other values are left alone. */
/* clang-format off */
#define JSON_OPTIONS                                              \
	{'j', "json", NULL, "print an array of objects", NULL},   \
	{'p', "pretty", NULL, "with --json: indented", NULL}
/* clang-format on */
void json_option(int value);

/* help.c */
void print_help(const struct command *command);
void print_overview(void);

/* message.c: all errors go through here. Control characters are made harmless. */
void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void hold_messages(void); /* until they are released, while others wait for us */
void release_messages(void);
void usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Says why the library failed on a name (NULL: on none), and what to do about it. */
void explain(const char *name, int error);
/* The same of -ETIMEDOUT, the lock on the run directory: the others would wait as long in vain. */
void explain_locked(const char *name, bool others);

/*
 * reason.c: the words for an errno, of either sign, and what can be done about it. They may be of the
 * function, until it is called again. `path` is what could not be reached; for_process: none could be
 * made.
 */
const char *reason_for(int error);
const char *reason_of(const char *path, int error);
const char *reason_for_process(int error);
bool has_proc(void);         /* not just a directory of that name */
bool is_shortage(int error); /* of descriptors or memory, whatever it was that should be opened */

/*
 * missing.c: an answer without all that there is, and why (-errno); other errors are no reason. That
 * root may not is one to note_missing() only. tell_missing(): a status, said once for all.
 */
void note_shortage(const char *what, int error);
void note_missing(const char *what, int error);
int tell_missing(void);

/*
 * spec.c: whatever names a namespace. They answer NULL when it cannot be opened, and have said why;
 * a number alone is a process to the second one.
 */
struct netns *open_spec(const char *spec);
struct netns *open_pid_or_spec(const char *word);
void explain_spec(const char *spec, int error);
/* The name that it was opened by, owned by the handle; NULL if by something else. */
const char *name_of(const struct netns *ns);

/* number.c: as ip(8) reads them, 0 or more; does not return when it is none. `what` begins the message. */
int read_number(const char *word, const char *what);

/* output.c: standard output, nothing of which may get lost unseen. */
int finish_output(int status);

/* escape.c */
enum escape {
	ESCAPE_CONTROL,  /* what could break a line or a terminal */
	ESCAPE_TERMINAL, /* and what this user's terminal cannot show */
};
char *escape(const char *s, enum escape how); /* to be freed; does not return without memory */
enum escape escape_for(int fd);
size_t utf8_length(const char *s); /* of the character that s begins with; 0 if it is none */
void use_locale(void);
bool is_utf8_locale(void);
void *need(void *p); /* p; does not return when it is NULL */
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* to be freed */

/* json.c: an array of objects on standard output */
void json_begin(void);
void json_end(void);
void json_object_begin(void);
void json_object_end(void);
void json_string(const char *key, const char *value);
void json_number(const char *key, uint64_t value);
void json_strings(const char *key, const char **list); /* ends with NULL */
/* In an object: an array of objects; an object, to json_object_end(). */
void json_array_begin(const char *key);
void json_array_end(void);
void json_member_begin(const char *key);
void json_true(const char *key);
/* And an object alone on a line. */
void json_line_begin(void);
void json_line_end(void);

/* names.c: the names in the run directory, sorted; numbers inside them by their value */
struct name {
	char *name;
	int state; /* enum netns_state */
	struct netns_inode inode;
	int error; /* why it could not be looked at */
};
struct names {
	struct name *v;
	size_t n;
};
int read_names(struct names *ret);       /* a status; after an error ret holds what could be read */
int read_known_names(struct names *ret); /* the same; one that cannot be looked at is an error */
void free_names(struct names *names);
bool has_stale(const struct names *names);
bool tell_unknown(const struct name *name); /* true: could not be looked at, and so it was said */

/* nsids.c: the nsids of names, asked for no longer than there are any. -1: none. */
struct nsids {
	bool begun;
	size_t left; /* still without an owner; SIZE_MAX: unknown */
	struct {
		struct netns_inode inode;
		int nsid;
	} * known;
	size_t n;
};
int nsid_of(struct nsids *nsids, const struct name *name);
/* The same in two steps: without asking, if that will do; and by asking, of an open one. */
bool nsid_is_known(struct nsids *nsids, const struct netns_inode *inode, int *ret);
int nsid_by_asking(struct nsids *nsids, const struct netns_inode *inode, struct netns *ns);
void nsids_end(struct nsids *nsids);

/* users.c: the number itself where there is no name; owned by the function */
const char *user_name(uid_t uid);

/* progress.c: for netns_create_many() and others; the first Ctrl-C ends them in good order */
void progress_begin(void);
int progress_tell(size_t done, size_t n, void *arg); /* a netns_progress_fn */
int progress_end(void);                              /* the signal that came, or 0 */
int progress_interrupted(void);                      /* the same, of what goes on after it */

/* suggest.c */
unsigned edit_distance(const char *a, const char *b);
bool is_near(const char *typed, const char *known);

/* enter.c: from the tool to the command inside */
int enter(struct netns *ns, const char *name, bool mounts);
int run_program(char **argv);
void warn_of_mounts(const char *text, void *name); /* a netns_warn_fn */
/* After netns_spawn() has failed: says why; and the exit status that a shell would have. */
void explain_spawn(const char *name, const char *command, int step, int error);
int spawn_status(int step, int error);

/*
 * identity.c: as whom a command runs, and where: --user, --group, --cwd. What they say is looked up by
 * find_identity(), before anything is entered: inside, /etc may be another.
 */
enum { IDENTITY_CWD = OPTION_LONG + 32, IDENTITY_USER, IDENTITY_GROUP };
#define IDENTITY_OPTIONS                                                                           \
	{IDENTITY_USER, "user", "USER", "as this user (name or number) and its groups", "user"},   \
		{IDENTITY_GROUP, "group", "GROUP", "as this group, and no others", "group"},       \
	{                                                                                          \
		IDENTITY_CWD, "cwd", "DIR", "in this directory", "dir"                             \
	}
struct identity {
	const char *user, *group, *cwd; /* as they were given, or NULL */
	bool changes;
	bool has_group;
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* to be freed */
	size_t n_groups;
};
bool identity_option(int c, const char *word, struct identity *identity); /* false: another one */
void find_identity(struct identity *identity);
int assume_identity(const struct identity *identity); /* a status */

/* exec-all.c */
struct exec_how {
	bool mounts;
	bool all;
	bool blocks;
	unsigned jobs; /* 0: as many as seems good */
	struct identity identity;
};
int exec_all(const struct exec_how *how, char **command);

#endif /* CLI_H */

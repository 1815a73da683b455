/* SPDX-License-Identifier: MIT */
/*
 * netns complete: what the shells ask when a word is to be completed. The scripts
 * in completions/ only hand over the words and show the answer, so that the table
 * of commands is the one place that knows.
 *
 * What operands and arguments are (struct command, struct cli_option) is told by
 * words, of which the last is for all that follow when it ends in "...":
 *
 *	name            a name in the run directory
 *	spec            what names a namespace (netns_open_spec(3))
 *	link            a link in one: SPEC:LINK
 *	verb            a command of netns
 *	sysctl          a key below /proc/sys/net
 *	pid             a process
 *	user, group     of the system
 *	words:A,B,...   one of these, or several with commas between
 *	dir, file       left to the shell
 *	command         from here on it is the line of another program; left to the shell
 *	new, number     nothing that is known already
 *
 * The answer has a candidate for the whole word a line, and after a TAB what it is. A line that
 * begins with ':' tells the shell what to do by itself: ":file", ":dir",
 * ":command N", with the index of the word at which the other line begins.
 */
#include <ctype.h>
#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rtnl.h"

/* How far the words before the one in question have led. */
struct place {
	const struct command *command; /* NULL: none yet */
	const char *wants;             /* of an option that waits for its argument; or NULL */
	size_t operands;
	int first_operand; /* its index among the words */
	bool options_over;
};

/* What of the word stands in front of what is completed: "--option=". */
static const char *in_front = "";

static bool begins(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static void offer(const char *word, const char *before, const char *candidate, const char *what)
{
	if (!begins(candidate, word))
		return;
	for (const char *c = candidate; *c; c++)
		if (iscntrl((unsigned char)*c))
			return; /* no shell could show it */
	printf("%s%s%s%s%s\n", in_front, before, candidate, what ? "\t" : "", what ? what : "");
}

static void offer_verbs(const char *word)
{
	for (size_t i = 0; i < n_commands; i++)
		if (!(commands[i]->flags & HIDDEN))
			offer(word, "", commands[i]->name, commands[i]->summary);
}

static void offer_names(const char *word, const char *before)
{
	const struct netns_entry *entry;
	struct netns_iter *it;

	/* in silence: an error has no place on a line that is being typed */
	if (netns_iter_new(globals.run_dir, &it) < 0)
		return;
	while (netns_iter_next(it, &entry) > 0)
		if (entry->state != NETNS_FOREIGN)
			offer(word, before, entry->name, NULL);
	netns_iter_free(it);
}

static void offer_pids(const char *word, const char *before)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");

	while (proc && (entry = readdir(proc))) {
		char path[280], comm[32] = "";
		FILE *f;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f))
			comm[strcspn(comm, "\n")] = '\0';
		if (f)
			fclose(f);
		offer(word, before, entry->d_name, comm);
	}
	if (proc)
		closedir(proc);
}

static void offer_specs(const char *word)
{
	static const char *const kinds[] = {
		"self", "host", "pid:", "id:", "ino:", "nsid:", "fd:", "docker:", "podman:"};

	offer_names(word, "");
	if (begins(word, "pid:"))
		offer_pids(word + strlen("pid:"), "pid:");
	else if (strchr(word, '/'))
		puts(":file");
	else if (*word)
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			offer(word, "", kinds[i], NULL);
}

static void offer_names_of_links(const char *word)
{
	const struct netns_entry *entry;
	struct netns_iter *it;

	if (netns_iter_new(globals.run_dir, &it) < 0)
		return;
	while (netns_iter_next(it, &entry) > 0)
		if (entry->state == NETNS_LIVE) {
			char *front = text("%s:", entry->name);

			offer(word, "", front, NULL);
			free(front);
		}
	netns_iter_free(it);
}

struct link_words {
	const char *before; /* "NAMESPACE:" */
	const char *word;   /* behind that */
};

static void offer_link(struct nlmsghdr *header, void *arg)
{
	struct nlattr *name = nlmsg_find_attr(header, sizeof(struct ifinfomsg), IFLA_IFNAME);
	const struct link_words *words = arg;

	if (name)
		offer(words->word, words->before, nla_get_string(name), NULL);
}

static void offer_links(const char *word)
{
	const char *colon = strrchr(word, ':');
	char *before, *spec;
	struct rtnl rtnl;

	if (!colon) {
		offer_names_of_links(word);
		return;
	}
	before = need(strndup(word, (size_t)(colon + 1 - word)));
	spec = need(strndup(word, (size_t)(colon - word)));
	if (rtnl_open(spec, &rtnl) == STATUS_OK)
		rtnl_list(
			rtnl.fd, RTM_GETLINK, offer_link, &(struct link_words){before, colon + 1});
	rtnl_close(&rtnl);
	free(spec);
	free(before);
}

/* Those outside: inside there are the same, but for the names of links. A level at a time. */
static void offer_keys(const char *word)
{
	const char *last = strrchr(word, '.');
	char *before = last ? need(strndup(word, (size_t)(last + 1 - word))) : need(strdup(""));
	char *path = text("/proc/sys/%s", before);
	const struct dirent *entry;
	DIR *dir;

	for (char *c = path + strlen("/proc/sys/"); *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	dir = *before ? opendir(path) : NULL;
	if (!*before)
		offer(word, "", "net.", NULL);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			char *key = text("%s%s", entry->d_name, entry->d_type == DT_DIR ? "." : "");

			offer(word + strlen(before), before, key, NULL);
			free(key);
		}
	if (dir)
		closedir(dir);
	free(path);
	free(before);
}

static void offer_users(const char *word)
{
	const struct passwd *user;

	setpwent();
	while ((user = getpwent()))
		offer(word, "", user->pw_name, NULL);
	endpwent();
}

static void offer_groups(const char *word)
{
	const struct group *group;

	setgrent();
	while ((group = getgrent()))
		offer(word, "", group->gr_name, NULL);
	endgrent();
}

/* Of a list, the last word of which is being typed. */
static void offer_words(const char *word, const char *list)
{
	const char *last = strrchr(word, ',');
	char *before = last ? need(strndup(word, (size_t)(last + 1 - word))) : need(strdup(""));
	char *all = need(strdup(list)), *rest = all, *candidate;

	while ((candidate = strsep(&rest, ",")))
		offer(word + strlen(before), before, candidate, NULL);
	free(all);
	free(before);
}

static void offer_kind(const char *word, const char *kind)
{
	if (strcmp(kind, "name") == 0)
		offer_names(word, "");
	else if (strcmp(kind, "spec") == 0)
		offer_specs(word);
	else if (strcmp(kind, "link") == 0)
		offer_links(word);
	else if (strcmp(kind, "verb") == 0)
		offer_verbs(word);
	else if (strcmp(kind, "sysctl") == 0)
		offer_keys(word);
	else if (strcmp(kind, "pid") == 0)
		offer_pids(word, "");
	else if (strcmp(kind, "user") == 0)
		offer_users(word);
	else if (strcmp(kind, "group") == 0)
		offer_groups(word);
	else if (begins(kind, "words:"))
		offer_words(word, kind + strlen("words:"));
	else if (strcmp(kind, "file") == 0 || strcmp(kind, "dir") == 0)
		printf(":%s\n", kind);
}

static void offer_options(const char *word, const struct cli_option *options)
{
	for (const struct cli_option *o = options; o && o->name; o++) {
		char *dashed = text("--%s", o->name), *what = need(strdup(o->help));

		what[strcspn(what, "\n")] = '\0';
		offer(word, "", dashed, what);
		free(what);
		free(dashed);
	}
}

static const struct cli_option *own_options(const struct command *command)
{
	return command ? command->options : global_options;
}

static const struct cli_option *match(
	const struct cli_option *options, const char *name, size_t length)
{
	for (const struct cli_option *o = options; o && o->name; o++)
		if (strncmp(o->name, name, length) == 0 || (length == 1 && o->value == *name))
			return o;
	return NULL;
}

/* "--name", "-name", "-n", and with "=..." after it; what `--` alone is, is not asked here. */
static const struct cli_option *find_option(const struct command *command, const char *word)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	size_t length = strcspn(name, "=");
	const struct cli_option *found = match(own_options(command), name, length);

	return found ? found : match(common_options, name, length);
}

/* What the n-th of the operands is; NULL when there is none. */
static char *operand_kind(const struct command *command, size_t n)
{
	char *all, *rest, *kind, *answer = NULL;

	if (!command->operands)
		return NULL;
	rest = all = need(strdup(command->operands));
	for (size_t i = 0; (kind = strsep(&rest, " ")); i++) {
		size_t length = strlen(kind);
		bool repeated = length > 3 && strcmp(kind + length - 3, "...") == 0;

		if (repeated)
			kind[length - 3] = '\0';
		if (i == n || repeated) {
			answer = need(strdup(kind));
			break;
		}
	}
	free(all);
	return answer;
}

static void pass_option(struct place *place, const char *word)
{
	const struct cli_option *o = find_option(place->command, word);

	if (o && o->argument && *o->argument != '[' && !strchr(word, '='))
		place->wants = o->completes ? o->completes : "new";
}

static void pass_operand(struct place *place, const char *word, int index)
{
	if (!place->command) {
		place->command = look_up_command(word);
		place->options_over = false;
		return;
	}
	if (place->operands++ == 0)
		place->first_operand = index;
	if (place->command->flags & OPTIONS_FIRST)
		place->options_over = true;
}

static void pass(struct place *place, const char *word, int index)
{
	if (place->wants)
		place->wants = NULL;
	else if (!place->options_over && strcmp(word, "--") == 0)
		place->options_over = true;
	else if (!place->options_over && word[0] == '-' && word[1])
		pass_option(place, word);
	else
		pass_operand(place, word, index);
}

/* "--option=argument" */
static void answer_in_word(const struct place *place, const char *word)
{
	const struct cli_option *o = find_option(place->command, word);
	const char *argument = strchr(word, '=') + 1;
	char *option;

	if (!o || !o->completes)
		return;
	option = need(strndup(word, (size_t)(argument - word)));
	in_front = option;
	offer_kind(argument, o->completes);
	in_front = "";
	free(option);
}

/* The other line begins where the first operand of that kind stands, or will stand. */
static void answer_operand(const struct place *place, const char *word, int index)
{
	size_t i = 0;
	char *kind;

	while ((kind = operand_kind(place->command, i)) && i < place->operands &&
		strcmp(kind, "command") != 0) {
		free(kind);
		i++;
	}
	if (kind && strcmp(kind, "command") == 0)
		printf(":command %d\n",
			i < place->operands ? place->first_operand + (int)i : index);
	else if (kind)
		offer_kind(word, kind);
	free(kind);
}

static void answer(const struct place *place, const char *word, int index)
{
	if (place->wants) {
		offer_kind(word, place->wants);
	} else if (!place->options_over && word[0] == '-') {
		if (strchr(word, '=')) {
			answer_in_word(place, word);
			return;
		}
		offer_options(word, own_options(place->command));
		offer_options(word, common_options);
	} else if (!place->command) {
		offer_verbs(word);
	} else {
		answer_operand(place, word, index);
	}
}

static int complete_main(int argc, char **argv)
{
	struct place place = {0};
	int last;

	if (next_option(argc, argv) != -1)
		return STATUS_USAGE;
	last = argc - 1;
	if (last < optind)
		usage_error("the words after 'netns' are missing");
	for (int i = optind; i < last; i++)
		pass(&place, argv[i], i - optind);
	answer(&place, argv[last], last - optind);
	return STATUS_OK;
}

const struct command complete_command = {
	.name = "complete",
	.usage = "-- WORD...",
	.summary = "Say what the last word may become, for the completion of the shells",
	.examples = "Examples:\n"
		    "  netns complete -- delete we   the names that begin with 'we'\n",
	.operands = "new...",
	.run = complete_main,
	.flags = OPTIONS_FIRST | HIDDEN,
};

/* SPDX-License-Identifier: MIT */
/* netns map, for graphviz: a box for each namespace, in it one for each link. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "map.h"
#include "procfs.h"

enum { MOST_PROCESSES = 3 }; /* by name */

static const struct {
	const char *fill, *line, *text;
} colours[] = {
	{"#f1f5f9", "#94a3b8", "#334155"}, /* the host's */
	{"#eff6ff", "#93c5fd", "#1e40af"},
	{"#f0fdf4", "#86efac", "#166534"},
	{"#fffbeb", "#fcd34d", "#92400e"},
	{"#fdf2f8", "#f9a8d4", "#9d174d"},
	{"#f5f3ff", "#c4b5fd", "#5b21b6"},
	{"#ecfeff", "#67e8f9", "#155e75"},
};

/* In a label that is written like HTML. */
static void put_text(FILE *out, const char *s)
{
	char *safe = escape(s, ESCAPE_CONTROL);

	for (const char *c = safe; *c; c++) {
		if (*c == '<')
			fputs("&lt;", out);
		else if (*c == '>')
			fputs("&gt;", out);
		else if (*c == '&')
			fputs("&amp;", out);
		else if (*c == '"')
			fputs("&quot;", out);
		else
			putc(*c, out);
	}
	free(safe);
}

/* A loopback says nothing, unless it has more than any. */
static bool is_drawn(const struct topo_link *link)
{
	if (!link->loopback)
		return true;
	for (size_t i = 0; i < link->n_addresses; i++)
		if (topo_address_tells(link->addresses[i]))
			return true;
	return false;
}

static void put_node(FILE *out, const struct topo_link *link)
{
	fprintf(out, "n%zu_%d", link->home->position, link->index);
}

static void put_link(FILE *out, const struct topo_link *link, const char *line, const char *colour)
{
	bool bridge = strcmp(link->kind, "bridge") == 0;

	fputs("\t\t", out);
	put_node(out, link);
	fprintf(out, " [style=\"rounded,filled%s\" fillcolor=\"%s\" color=\"%s\" label=<",
		link->up ? "" : ",dotted", bridge ? line : "#ffffff", link->up ? line : "#94a3b8");
	fprintf(out, "<font color=\"%s\"><b>", link->up ? colour : "#94a3b8");
	put_text(out, link->name);
	fputs("</b></font>", out);
	for (size_t i = 0; i < link->n_addresses; i++) {
		if (!topo_address_tells(link->addresses[i]))
			continue;
		fputs("<br/><font point-size=\"9\" color=\"#475569\">", out);
		put_text(out, link->addresses[i]);
		fputs("</font>", out);
	}
	fputs(">]\n", out);
}

static void put_processes(FILE *out, const struct topo_namespace *ns)
{
	fputs("<font point-size=\"9\" color=\"#64748b\">", out);
	if (ns->n_processes > MOST_PROCESSES)
		fprintf(out, "%zu processes", ns->n_processes);
	for (size_t i = 0; ns->n_processes <= MOST_PROCESSES && i < ns->n_processes; i++) {
		char *command = procfs_short_command(ns->processes[i]);

		fputs(i > 0 ? ", " : "", out);
		put_text(out, command);
		free(command);
	}
	fputs("</font><br align=\"left\"/>", out);
}

static void put_namespace(FILE *out, const struct topo_namespace *ns, size_t number)
{
	size_t c = ns->is_host ? 0 : 1 + number % (ARRAY_SIZE(colours) - 1);
	size_t drawn = 0;

	fprintf(out, "\tsubgraph cluster_%zu {\n", number);
	fprintf(out, "\t\tgraph [style=\"rounded,filled\" fillcolor=\"%s\" color=\"%s\"",
		colours[c].fill, colours[c].line);
	fprintf(out, " margin=11 label=<<font color=\"%s\"><b>", colours[c].text);
	put_text(out, ns->label);
	fputs("</b></font><br align=\"left\"/>", out);
	if (ns->n_processes > 0)
		put_processes(out, ns);
	fputs(">]\n", out);
	for (size_t i = 0; i < ns->n_links; i++)
		if (is_drawn(&ns->links[i])) {
			put_link(out, &ns->links[i], colours[c].line, colours[c].text);
			drawn++;
		}
	if (drawn == 0)
		fprintf(out, "\t\tempty_%zu [style=invis label=\"\" width=1 height=0.1]\n", number);
	fputs("\t}\n", out);
}

static void put_edge(FILE *out, const struct topo_link *from, const struct topo_link *to,
	bool turned, const char *style)
{
	fputs("\t", out);
	put_node(out, turned ? to : from);
	fputs(" -> ", out);
	put_node(out, turned ? from : to);
	fprintf(out, " [%s]\n", style);
}

/*
 * dot(1) puts what an edge comes from to the left of what it leads to. Every other cable
 * of a bridge comes from it, so that the bridge gets into the middle.
 */
static bool is_turned(const struct topo_link *port)
{
	const struct topo_namespace *ns = port->home;
	size_t n = 0;

	for (const struct topo_link *link = ns->links; link < port; link++)
		n += link->master == port->master;
	return n % 2 == 1;
}

static void put_cable(FILE *out, const struct topo_link *link)
{
	const char *style = link->up && link->peer->up
				    ? "color=\"#2563eb\" penwidth=1.6"
				    : "color=\"#94a3b8\" style=dotted penwidth=1.6";
	const struct topo_link *peer = link->peer;

	/* once for both ends */
	if (peer->peer == link && (link->master ? 1 : 0) < (peer->master ? 1 : 0))
		return;
	if (peer->peer == link && !link->master == !peer->master && link > peer)
		return;
	/* from the far end to the port */
	put_edge(out, peer, link, link->master && is_turned(link), style);
}

static void put_edges(FILE *out, const struct topo_namespace *ns)
{
	for (size_t i = 0; i < ns->n_links; i++) {
		const struct topo_link *link = &ns->links[i];

		if (link->peer)
			put_cable(out, link);
		if (link->master)
			put_edge(out, link, link->master, is_turned(link),
				"color=\"#64748b\" style=dashed");
		if (link->lower)
			put_edge(out, link, link->lower, false, "color=\"#64748b\"");
	}
}

void map_dot(const struct topology *topology, FILE *out)
{
	struct topo_namespace **order = map_order(topology);

	fputs("digraph netns {\n"
	      "\tgraph [rankdir=LR fontname=\"Helvetica\" fontsize=13 bgcolor=\"#ffffff\" pad=0.3\n"
	      "\t\tnodesep=0.22 ranksep=0.75 labeljust=l]\n"
	      "\tnode [shape=box fontname=\"Helvetica\" fontsize=11 margin=\"0.13,0.06\" "
	      "height=0.3]\n"
	      "\tedge [dir=none]\n",
		out);
	for (size_t i = 0; i < topology->n; i++)
		put_namespace(out, order[i], i);
	for (size_t i = 0; i < topology->n; i++)
		put_edges(out, order[i]);
	fputs("}\n", out);
	free(order);
}

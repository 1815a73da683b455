/* SPDX-License-Identifier: MIT */
/* Long work shows how far it has come, on a terminal, and ends in good order on Ctrl-C. */
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* What is done sooner needs no bar. */
#define QUIET_MS 300
#define PAUSE_MS 50

static volatile sig_atomic_t interrupted;

static struct {
	long begun, shown;
	bool visible;
} bar;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void interrupt(int sig)
{
	interrupted = sig;
}

void progress_begin(void)
{
	/* the second one ends the process at once */
	const struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	bar.begun = bar.shown = now_ms();
	bar.visible = false;
}

static size_t room(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		size.ws_col = 80; /* a terminal that does not tell */
	if (size.ws_col < 40)
		return 0;
	return size.ws_col - 30u < 50 ? size.ws_col - 30u : 50;
}

static void show(size_t done, size_t n)
{
	static const char full[] = "##################################################";
	size_t width = room(), filled = n ? width * done / n : width;

	if (width == 0)
		return;
	dprintf(STDERR_FILENO, "\r[%.*s%*s] %zu of %zu ", (int)filled, full, (int)(width - filled),
		"", done, n);
	bar.visible = true;
}

int progress_tell(size_t done, size_t n, void *arg)
{
	long now = now_ms();

	(void)arg;
	if (now - bar.begun >= QUIET_MS && now - bar.shown >= PAUSE_MS && isatty(STDERR_FILENO)) {
		show(done, n);
		bar.shown = now;
	}
	return interrupted;
}

int progress_interrupted(void)
{
	return interrupted;
}

int progress_end(void)
{
	if (bar.visible)
		dprintf(STDERR_FILENO, "\r\033[K");
	bar.visible = false;
	return interrupted;
}

/* SPDX-License-Identifier: MIT */
/* See command.h. Every descriptor of ours is opened close-on-exec, so a child has only what is put in place here. */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { LINE_MOST = 16 << 10, STOP_MS = 100 };	/* how often it is looked whether to stop */
enum { NOT_RUN = 126, NOT_FOUND = 127 };	/* exit statuses as the shell has them */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In the child: `in` and `out` become standard input and output (-1: closed, ours), in a process group of its own. */
static void __attribute__((noreturn))
become(char *const *argv, int in, int out)
{
	(void)setpgid(0, 0);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	if (in >= 0)
		(void)dup2(in, STDIN_FILENO);
	else
		(void)close(STDIN_FILENO);
	if (out >= 0)
		(void)dup2(out, STDOUT_FILENO);
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)	/* closed for the reader means empty, not free for the next file */
		(void)open("/dev/null", O_RDONLY);
	execvp(argv[0], argv);
	_exit(errno == ENOENT ? NOT_FOUND : NOT_RUN);
}

static int
is_over(int64_t deadline, const volatile int *stop)
{
	return now_ms() >= deadline || (stop != NULL && *stop);
}

/*
 * Runs argv with a pipe as its standard output, or as its input where it is fed. Its process, and in *fd our end of the pipe; -1: err tells why.
 */
static pid_t
start(const char *name, char *const *argv, int fed, int *fd, struct err *err)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0) {
		(void)err_stop(err, "%s: %s", name, strerror(errno));
		return -1;
	}
	if ((pid = fork()) == 0)
		become(argv, fed ? fds[0] : -1, fed ? -1 : fds[1]);
	*fd = fds[fed];
	if (pid < 0) {
		(void)err_stop(err, "%s: %s", name, strerror(errno));
		close(*fd);
	}
	close(fds[!fed]);
	return pid;
}

/* Waits until `deadline` or *stop, then ends the group. Its wait status (exit status 255 where none is to be had); -1 where it had to be ended. */
static int
reap(pid_t pid, int64_t deadline, const volatile int *stop)
{
	int status = 255 << 8, late = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		const struct timespec nap = { 0, 10000000 };

		if (is_over(deadline, stop)) {
			late = 1;
			(void)kill(-pid, SIGKILL);
		}
		nanosleep(&nap, NULL);
	}
	(void)kill(-pid, SIGKILL);	/* what it left behind */
	return late ? -1 : status;
}

static enum outcome
judge(const char *name, int status, const volatile int *stop, struct err *err)
{
	if (status == -1 && stop != NULL && *stop)
		return err_stop(err, "%s: given up, for the program was to end", name);
	if (status == -1)
		return err_stop(err, "%s: took longer than %d seconds and was ended", name, COMMAND_SECONDS);
	if (WIFSIGNALED(status))
		return err_stop(err, "%s: ended by signal %d", name, WTERMSIG(status));
	if (WEXITSTATUS(status) == NOT_FOUND)
		return err_stop(err, "%s: there is no such program", name);
	if (WEXITSTATUS(status) == NOT_RUN)
		return err_stop(err, "%s: may not be run, or is no program", name);
	if (WEXITSTATUS(status) != 0)
		return err_stop(err, "%s: exit status %d", name, WEXITSTATUS(status));
	return OK;
}

/* Reads to the end, the deadline or *stop; keeps what fits, of which the first line counts. */
static void
read_line(int fd, struct buf *b, int64_t deadline, const volatile int *stop)
{
	char piece[1024];

	while (!is_over(deadline, stop)) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, STOP_MS) <= 0)
			continue;
		n = read(fd, piece, sizeof(piece));
		if (n <= 0)
			break;
		buf_add(b, piece, (size_t)n);
	}
	memset(piece, 0, sizeof(piece));
}

enum outcome
command_first_line(const char *name, const char *command, const volatile int *stop, char **line, struct err *err)
{
	char sh[] = "/bin/sh", c[] = "-c", *text = mem_str(command);
	char *argv[] = { sh, c, text, NULL };
	int64_t deadline = now_ms() + COMMAND_SECONDS * 1000;
	struct buf b;
	pid_t pid;
	int fd;
	enum outcome r;

	if ((pid = start(name, argv, 0, &fd, err)) < 0) {
		free(text);
		return STOP;
	}
	buf_init(&b, LINE_MOST);
	read_line(fd, &b, deadline, stop);
	close(fd);
	r = judge(name, reap(pid, deadline, stop), stop, err);
	b.at[strcspn(b.at, "\r\n")] = '\0';
	if (r == OK && b.at[0] == '\0')
		r = err_stop(err, "%s: prints nothing", name);
	if (r == OK)
		*line = mem_str(b.at);
	memset(b.at, 0, b.len);
	buf_free(&b);
	free(text);
	return r;
}

/* All of it, or as much as the child takes before the deadline. */
static void
write_all(int fd, const char *bytes, size_t len, int64_t deadline)
{
	while (len > 0) {
		struct pollfd p = { fd, POLLOUT, 0 };
		int64_t left = deadline - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return;
		n = write(fd, bytes, len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
}

enum outcome
command_feed(char *const *argv, const void *bytes, size_t len, struct err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int64_t deadline = now_ms() + COMMAND_SECONDS * 1000;
	pid_t pid;
	int fd;

	if ((pid = start(argv[0], argv, 1, &fd, err)) < 0)
		return STOP;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	sigaction(SIGPIPE, &ignore, &before);
	write_all(fd, bytes, len, deadline);
	close(fd);
	sigaction(SIGPIPE, &before, NULL);
	return judge(argv[0], reap(pid, deadline, NULL), NULL, err);
}

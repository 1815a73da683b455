/* SPDX-License-Identifier: MIT */
/* The reader of JSON, which is internal to the library: so it is built in here. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../src/json.c"
#include "harness.h"

static struct json text(const char *s)
{
	return json_text(s, strlen(s));
}

static void check_string(const char *json, const char *want)
{
	char buffer[64] = "untouched";

	CHECK(json_string(text(json), buffer, sizeof(buffer)));
	CHECK_STR(buffer, want);
}

static void strings(void)
{
	static const char *const bad[] = {"", "x", "1", "\"", "\"a", "\"\\\"", "\"\\x\"",
		"\"\\u12\"", "\"\\u123", "\"\\u12g4\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
		"[\"a\"]", "null"};
	char buffer[8];

	check_string("\"\"", "");
	check_string(" \n\t\"a b\" ", "a b");
	check_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	check_string("\"\\u0041\\u00e4\\u20ac\\u20AC\"", "Aä€€");
	check_string("\"ä€😀\"", "ä€😀");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!json_string(text(bad[i]), buffer, sizeof(buffer)));
	CHECK(!json_string((struct json){0}, buffer, sizeof(buffer)));
	CHECK(!json_string(json_text("\"a\0b\"", 5), buffer, sizeof(buffer)));
	/* with its end it must fit */
	CHECK(json_string(text("\"1234567\""), buffer, sizeof(buffer)));
	CHECK(!json_string(text("\"12345678\""), buffer, sizeof(buffer)));
	CHECK(!json_string(text("\"123456\\u00e4\""), buffer, sizeof(buffer)));
}

static void numbers(void)
{
	static const char *const bad[] = {"", "-1", "1.5", "1e3", "x", "1x", "\"\"", "\"1",
		"\"1x\"", "18446744073709551616", "99999999999999999999", "[1]", "true"};
	uint64_t n = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!json_number(text(bad[i]), &n));
	CHECK(!json_number((struct json){0}, &n));
	CHECK_EQ(n, 7);
	CHECK(json_number(text(" 0 "), &n) && n == 0);
	CHECK(json_number(text("42}"), &n) && n == 42);
	CHECK(json_number(text("\"43\""), &n) && n == 43);
	CHECK(json_number(text("18446744073709551615"), &n) && n == UINT64_MAX);
}

static uint64_t number_in(const char *json, const char *name)
{
	uint64_t n = 0;

	return json_number(json_member(text(json), name), &n) ? n : 0;
}

static void members(void)
{
	CHECK_EQ(number_in("{\"a\":1}", "a"), 1);
	CHECK_EQ(number_in(" { \"a\" : 1 , \"b\" : 2 } ", "b"), 2);
	CHECK_EQ(number_in("{\"x\":{\"b\":9,\"y\":[{\"b\":8}]},\"b\":2}", "b"), 2);
	CHECK_EQ(number_in("{\"x\":\"\\\"b\\\":7\",\"b\":2}", "b"), 2);
	CHECK_EQ(number_in("{\"a\":true,\"c\":null,\"d\":-1.5e3,\"b\":2}", "b"), 2);
	CHECK_EQ(number_in("{\"b\":1,\"b\":2}", "b"), 1);
	/* not there, or broken before */
	CHECK_EQ(number_in("{}", "b"), 0);
	CHECK_EQ(number_in("{\"bb\":1,\"\":3}", "b"), 0);
	CHECK_EQ(number_in("[\"b\",1]", "b"), 0);
	CHECK_EQ(number_in("{\"a\":1 \"b\":2}", "b"), 0);
	CHECK_EQ(number_in("{\"a\" 1,\"b\":2}", "b"), 0);
	CHECK_EQ(number_in("{\"a\":]1[,\"b\":2}", "b"), 0);
	CHECK_EQ(number_in("{\"a\":,\"b\":2}", "b"), 0);
	CHECK_EQ(number_in("{\"b\"", "b"), 0);
	CHECK_EQ(number_in("{\"b\":", "b"), 0);
	CHECK_EQ(number_in("{\"a\":[[[[,\"b\":2}", "b"), 0);
	/* none of none */
	CHECK(!json_member(json_member(text("{}"), "a"), "b").at);
}

static size_t count(const char *json)
{
	size_t n = 0;

	for (struct json e = json_first(text(json)); e.at; e = json_next(e))
		n++;
	return n;
}

static void arrays(void)
{
	CHECK_EQ(count("[]"), 0);
	CHECK_EQ(count(" [ ] "), 0);
	CHECK_EQ(count("[1]"), 1);
	CHECK_EQ(count("[1,\"],[\",[2,3],{\"a\":[4,5]},null]"), 5);
	CHECK_EQ(count("{\"a\":1}"), 0);
	CHECK_EQ(count("1,2"), 0);
	CHECK_EQ(count("[1 2]"), 1);
	CHECK_EQ(count("[1,"), 1);
	CHECK_EQ(count("["), 0);
	CHECK_EQ(count(""), 0);
}

static void ask_everything(struct json value)
{
	char buffer[16];
	uint64_t n;

	json_string(value, buffer, sizeof(buffer));
	json_number(value, &n);
	json_member(json_member(value, "a"), "b");
	for (struct json e = json_first(json_member(value, "a")); e.at; e = json_next(e))
		json_string(json_member(e, "b"), buffer, sizeof(buffer));
	for (struct json e = json_first(value); e.at; e = json_next(e))
		json_string(e, buffer, sizeof(buffer));
}

/* The text ends where the memory does: a step too far is a fault. */
static char *at_the_end_of_memory(size_t size, size_t page)
{
	char *memory =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	CHECK(mprotect(memory + page, page, PROT_NONE) == 0);
	return memory + page - size;
}

static void never_past_the_end(void)
{
	static const char whole[] =
		" {\"a\" : [ {\"b\":\"x\\u00e4\\n\"}, 12 , true ] , \"c\":\"5\" } ";
	size_t page = (size_t)sysconf(_SC_PAGESIZE), most = sizeof(whole) - 1;
	char *text_end = at_the_end_of_memory(0, page);

	for (size_t begin = 0; begin < most; begin++)
		for (size_t end = begin; end <= most; end++) {
			char *at = text_end - (end - begin);

			memcpy(at, whole + begin, end - begin);
			ask_everything(json_text(at, end - begin));
		}
	munmap(text_end - page, 2 * page);
}

/* Of characters that matter here, in all orders; nothing is known of the answers but that they come. */
static void any_text_at_all(void)
{
	static const char alphabet[] = "{}[],:\"\\u1a\0 ";
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *text_end = at_the_end_of_memory(0, page);
	unsigned state = 1;

	for (unsigned i = 0; i < 200000; i++) {
		size_t size = i % 24;
		char *at = text_end - size;

		for (size_t j = 0; j < size; j++) {
			state = state * 1103515245 + 12345;
			at[j] = alphabet[(state >> 16) % (sizeof(alphabet) - 1)];
		}
		ask_everything(json_text(at, size));
	}
	munmap(text_end - page, 2 * page);
}

/* Depth takes neither stack nor memory. */
static void deep(void)
{
	enum { DEEP = 1 << 20 };
	char *s = malloc(2 * DEEP + 32);
	uint64_t n = 0;
	int head;

	CHECK(s);
	head = sprintf(s, "{\"a\":");
	memset(s + head, '[', DEEP);
	memset(s + head + DEEP, ']', DEEP);
	strcpy(s + head + 2 * DEEP, ",\"b\":5}");
	CHECK(json_number(json_member(text(s), "b"), &n));
	CHECK_EQ(n, 5);
	free(s);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, 0, 0                                                          \
	}

TEST_MAIN(CASE(strings), CASE(numbers), CASE(members), CASE(arrays), CASE(never_past_the_end),
	CASE(any_text_at_all), CASE(deep), )

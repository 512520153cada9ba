// Reports of real pytest runs, and the dialects of other test runners.

import * as assert from "node:assert";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseJUnit } from "../../src/sources/junit";
import { foldersAbove, plainFailure } from "../../src/sources/junitFailure";
import { outcome, parseLastFailed } from "../../src/sources/pytestCache";
import { terminal as terminalSource } from "../../src/sources/terminal";
import { tests } from "../../src/sources/tests";
import { Recorder } from "./recorder";
import { makeFolder, makeTerminal, makeWatched, pytest, python, remove, top, write } from "./support";

const SIZES = `def total(sizes):
    return sum(sizes) / count
`;
const TEST_SIZES = `from sizes import total


class TestTotal:
    def test_of_two(self):
        assert total([1, 2]) == 3


def test_of_none():
    assert 1 + 1 == 3


def test_of_nothing():
    pass
`;

describe("tests", () => {
  let folder: string;
  let recorder: Recorder;

  beforeEach(async () => {
    folder = await makeWatched(join(top().uri.fsPath, `sources-tests-${Date.now()}`));
    write(join(folder, "sizes.py"), SIZES);
    write(join(folder, "test_sizes.py"), TEST_SIZES);
    write(join(folder, "pytest.ini"), "[pytest]\n");
    recorder = new Recorder(tests, terminalSource);
  });

  afterEach(() => {
    remove(folder);
    recorder.close();
  });

  it("are told from pytest's report: which failed, where, and with what message", async () => {
    assert.strictEqual(await pytest(folder, "--junitxml=report.xml"), 1);
    const { data, where } = await recorder.first("task.run");
    assert.strictEqual(where?.workspace, top().uri.toString());
    assert.strictEqual(data.name, `pytest tests: ${join(folder.slice(top().uri.fsPath.length + 1), "report.xml")}`);
    assert.strictEqual(data.kind, "test");
    assert.strictEqual(data.exit_code, 1);
    assert.deepStrictEqual(data.failures, [
      {
        message: "NameError: name 'count' is not defined",
        path: join(folder, "sizes.py"),
        line: 1,
        test: "test_sizes.py::TestTotal::test_of_two",
        error: "NameError",
      },
      {
        message: "assert (1 + 1) == 3",
        path: join(folder, "test_sizes.py"),
        line: 9,
        test: "test_sizes.py::test_of_none",
        error: "AssertionError",
      },
    ]);
    write(join(folder, "sizes.py"), "def total(sizes):\n    return sum(sizes)\n");
    assert.strictEqual(await pytest(folder, "--junitxml=report.xml", "-k", "two"), 0);
    const again = await recorder.first("task.run", (event) => event.data.exit_code === 0);
    assert.deepStrictEqual([again.data.name, again.data.failures], [data.name, []]);
    assert.strictEqual(recorder.reports.length, 2, "what pytest keeps says nothing beside its report");
  });

  it("are told by name from what pytest keeps, if it writes no report", async () => {
    assert.strictEqual(await pytest(folder), 1);
    const { data } = await recorder.first("task.run");
    assert.deepStrictEqual(
      data.failures?.map(({ test, path }) => [test, path]),
      ["test_sizes.py::TestTotal::test_of_two", "test_sizes.py::test_of_none"].map((name) => [
        name,
        join(folder, "test_sizes.py"),
      ]),
    );
    assert.deepStrictEqual([data.kind, data.exit_code, data.cwd], ["test", 1, folder]);
  });

  it("are told from what pytest keeps once none fails any more", async () => {
    let cache = folder;
    for (const name of [".pytest_cache", "v", "cache"]) cache = await makeWatched(join(cache, name));
    assert.strictEqual(await pytest(folder), 1);
    await recorder.first("task.run", (event) => event.data.exit_code === 1);
    write(join(folder, "sizes.py"), "def total(sizes):\n    return sum(sizes)\n");
    write(join(folder, "test_sizes.py"), TEST_SIZES.replace("1 + 1 == 3", "1 + 1 == 2"));
    assert.strictEqual(await pytest(folder), 0);
    await recorder.first("task.run", (event) => event.data.exit_code === 0);
  });

  it("that ran in a terminal are told of once, by the terminal", async () => {
    const { terminal, run } = await makeTerminal(folder);
    run(`${python()} -m pytest -q --junitxml=report.xml`);
    const { data } = await recorder.first("terminal.run");
    assert.strictEqual(data.exit_code, 1);
    await delay(5000); // longer than a report may wait for the end of its run
    await pytest(folder, "--junitxml=other-report.xml");
    await recorder.first("task.run", (event) => event.data.name.endsWith("other-report.xml"));
    assert.deepStrictEqual(
      recorder.of("task.run").map((event) => event.data.name.split("/").at(-1)),
      ["other-report.xml"],
    );
    terminal.dispose();
  });

  it("are told while something else runs in a terminal", async () => {
    const { terminal, run } = await makeTerminal(folder);
    run("sleep 600");
    await pytest(folder, "--junitxml=report.xml");
    await recorder.first("task.run");
    terminal.dispose();
  });

  it("of one folder are one run; what is no report is passed over", async () => {
    const suite = (name: string, inner: string): string =>
      `<?xml version="1.0" encoding="UTF-8"?><testsuite name="${name}">${inner}</testsuite>`;
    write(join(folder, "report.xml"), "<project/>");
    write(join(folder, "TEST-broken.xml"), "<testsuite>");
    const surefire = await makeWatched(join(await makeWatched(join(folder, "target")), "surefire-reports"));
    write(join(surefire, "TEST-a.xml"), suite("a", '<testcase name="one" time="1,000.5"/>'));
    const failure = '<testcase name="two" classname="org.example.B" time="0.5"><failure message="no" type="E"/></testcase>';
    write(join(surefire, "TEST-b.xml"), suite("b", failure));
    const { data } = await recorder.first("task.run");
    assert.strictEqual(data.name, surefire.slice(top().uri.fsPath.length + 1));
    assert.strictEqual(data.seconds, 1001);
    assert.deepStrictEqual(data.failures, [{ message: "no", path: null, line: null, test: "org.example.B two" }]);
    assert.strictEqual(recorder.reports.length, 1);
  });
});

describe("a report in JUnit's form", () => {
  let folder: string;

  beforeEach(() => {
    folder = makeFolder({ "src/sum.js": "", "src/sum.test.js": "", "pkg/sub/sum_test.go": "" });
  });

  afterEach(() => {
    remove(folder);
  });

  function failures(xml: string): unknown[] {
    const isOurs = (path: string): boolean => path.startsWith(folder) && !path.includes("node_modules");
    return parseJUnit(xml).failed.map((one) => plainFailure(one, foldersAbove(join(folder, "junit.xml"), folder), isOurs));
  }

  it("of jest is read, with the innermost of our own frames", () => {
    const xml = `<testsuites name="jest tests" tests="1" failures="1"><testsuite name="sum" tests="1">
      <testcase classname="sum adds" name="sum adds" time="0.01"><failure>TypeError: x is not a function
    at assert (${folder}/node_modules/expect/index.js:5:1)
    at sum (${folder}/src/sum.js:3:9)
    at Object.&lt;anonymous&gt; (${folder}/src/sum.test.js:7:3)</failure></testcase></testsuite></testsuites>`;
    assert.deepStrictEqual(failures(xml), [
      {
        message: "TypeError: x is not a function",
        path: join(folder, "src/sum.js"),
        line: 2,
        test: "sum adds",
        error: "TypeError",
      },
    ]);
  });

  it("of gotestsum is read, with files named from their package", () => {
    const xml = `<testsuites><testsuite name="example.org/app/pkg/sub" tests="1">
      <testcase classname="example.org/app/pkg/sub" name="TestSum"><failure message="Failed" type=""><![CDATA[=== RUN   TestSum
    sum_test.go:9: got 2, want 3
--- FAIL: TestSum (0.00s)
]]></failure></testcase></testsuite></testsuites>`;
    const [failure] = failures(xml) as { path: string; line: number; test: string }[];
    assert.deepStrictEqual([failure?.path, failure?.line], [join(folder, "pkg/sub/sum_test.go"), 8]);
    assert.strictEqual(failure?.test, "example.org/app/pkg/sub TestSum");
  });

  it("may not reach outside itself, nor grow", () => {
    const outside = '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>';
    assert.throws(() => parseJUnit(outside), /entity/i);
    const more = '<testcase name="t"><failure message="m"/></testcase>'.repeat(500);
    const report = parseJUnit(`<testsuite>${more}</testsuite>`);
    assert.deepStrictEqual([report.failed.length, report.failures, report.tests], [100, 500, 500]);
    assert.throws(() => parseJUnit("<html/>"), /no test report/);
    assert.throws(() => parseJUnit("no XML"));
  });
});

describe("what pytest keeps", () => {
  it("tells of tests that newly fail, and of none left; of those that remain nobody knows", () => {
    const [none, one, two] = [new Set<string>(), new Set(["t.py::a"]), new Set(["t.py::a", "t.py::b"])];
    assert.deepStrictEqual(outcome(one, two, "/p"), {
      exitCode: 1,
      failures: [{ message: "t.py::b failed", path: join("/p", "t.py"), line: null, test: "t.py::b" }],
    });
    assert.deepStrictEqual(outcome(one, none, "/p"), { exitCode: 0, failures: [] });
    assert.strictEqual(outcome(two, one, "/p"), undefined);
    assert.strictEqual(outcome(none, none, "/p"), undefined);
  });

  it("is an object with the tests' names", () => {
    assert.deepStrictEqual([...parseLastFailed('{"t.py::a": true}')], ["t.py::a"]);
    assert.throws(() => parseLastFailed("[1]"));
  });
});

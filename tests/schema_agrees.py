"""Compare scenarios/scenario.schema.json with the reader: run by tests/schema_agrees.sh."""

import glob
import json
import subprocess
import sys

import jsonschema

SCENARIOS = "scenarios/"
FILES = "tests/scenario_files/"
problems = []
compared = 0


def expect(true, problem):
    global compared
    compared += 1
    if not true:
        problems.append(problem)


def read_json(path):
    with open(path, encoding="utf-8-sig") as file:
        return json.load(file)


def validator(schema_file):
    schemas = {name: read_json(SCENARIOS + name)
               for name in ("scenario.schema.json", "shared.schema.json")}
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schemas[schema_file])
    resolver = jsonschema.RefResolver("", schemas[schema_file], store=schemas)
    return kind(schemas[schema_file], resolver=resolver)


def schema_says(path, checker):
    try:
        tree = read_json(path)
    except (ValueError, RecursionError):
        return "no JSON", ""
    error = jsonschema.exceptions.best_match(checker.iter_errors(tree))
    return ("rejects", error.message[:200]) if error else ("accepts", "")


def reader_says(program, paths):
    answer = subprocess.run([program, "--read", *paths], capture_output=True, text=True,
                            check=True)
    lines = (line.split("\t") for line in answer.stdout.splitlines())
    return {path: verdict for verdict, path in lines}, answer.stderr


def read_manifest():
    with open(FILES + "bad.txt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {FILES + "bad/" + name: schema for name, _, schema, _ in rows}


def compare_good(program, scenario, shared):
    paths = [path for path in sorted(glob.glob(SCENARIOS + "**/*.json", recursive=True) +
                                     glob.glob(FILES + "good/**/*.json", recursive=True))
             if not path.endswith(("schema.json", "rules.json"))]
    files = [path for path in paths if "/shared/" not in path]
    verdicts, said = reader_says(program, files)
    expect(len(files) > 5, "there are hardly any scenarios to compare")
    for path in files:
        expect(verdicts.get(path) == "accepts", f"{path}: the reader rejects it: {said}")
    for path in paths:
        verdict, why = schema_says(path, shared if "/shared/" in path else scenario)
        expect(verdict == "accepts", f"{path}: the schema {verdict} it: {why}")


def compare_bad(program, scenario, shared):
    manifest = read_manifest()
    files = sorted(glob.glob(FILES + "bad/*.json"))
    expect(files == sorted(manifest), "bad.txt and bad/ do not list the same files: "
           + str(set(files) ^ set(manifest)))
    expect(sum(1 for schema in manifest.values() if schema == "rejects") > 50,
           "the schema has to reject hardly anything")
    verdicts, _ = reader_says(program, files)
    for path in files:
        verdict, why = schema_says(path, scenario)
        expect(verdicts.get(path) == "rejects", f"{path}: the reader accepts it")
        expect(verdict == manifest.get(path),
               f"{path}: the schema {verdict} it, bad.txt says {manifest.get(path)}: {why}")
    for path, wanted in ((FILES + "bad/shared/title.json", "rejects"),
                         (FILES + "bad/shared/two_faults.json", "rejects")):
        expect(schema_says(path, shared)[0] == wanted, f"{path}: the schema does not say {wanted}")


def main(program):
    scenario, shared = validator("scenario.schema.json"), validator("shared.schema.json")
    compare_good(program, scenario, shared)
    compare_bad(program, scenario, shared)
    for problem in problems:
        print(problem)
    print(f"{compared} comparisons, {len(problems)} differences")
    return 1 if problems or compared < 200 else 0


sys.exit(main(sys.argv[1]))

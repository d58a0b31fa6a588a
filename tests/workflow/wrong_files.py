"""Hand-made mistakes, one a file. `# <-- words` marks the line where `check` must say something with these words."""

HEAD = """\
description: A test.
inputs:
  question: string
  k: {type: integer, default: 4, minimum: 1}
  names: [string]
roles: [writer]
tools:
  calculator: {calls: 3}
  search_corpus:
"""
PLAN = """\
  plan:
    kind: llm
    role: writer
    prompt: "Plan {{ inputs.question }}"
    returns: {questions: [string], kind: easy | hard, size: integer}
"""
FOUND = """\
  found: {kind: search, query: "{{ inputs.question }}"}
  quotes: {kind: read, question: "{{ inputs.question }}", passages: found.passages}
"""
OUTPUT = """\
output:
  text: "{{ plan.questions }}"
"""


def nodes(text: str, *, output: str = OUTPUT, plan: str = PLAN) -> str:
    return f"{HEAD}nodes:\n{plan}{text}{output}"


FILES: dict[str, str] = {
    # the file itself
    "unknown_key": nodes("") + "colour: red  # <-- unknown key 'colour'\n",
    "no_description": "nodes:  # <-- key 'description' is missing\n  a: {kind: set, values: {x: 1}}\noutput: {x: '{{ a.x }}'}\n",
    "no_output": "description: d  # <-- key 'output' is missing\nnodes:\n  a: {kind: set, values: {x: 1}}\n",
    "no_nodes": "description: d\nnodes: {}  # <-- at least 1\noutput: {x: a}\n",
    "nodes_not_a_mapping": "description: d\nnodes: [a]  # <-- should be a mapping\noutput: {x: a}\n",
    "budget_not_a_number": nodes("") + "budget: {tokens: many}  # <-- whole number\n",
    "budget_of_nothing": nodes("") + "budget: {seconds: 0}  # <-- greater than 0\n",
    "budget_unknown_resource": nodes("") + "budget: {token: 5}  # <-- unknown key 'token'\n",
    "duplicate_key": nodes("") + "description: again  # <-- given twice\n",
    "alias": nodes("") + "sufficient_if: *x  # <-- alias\n",
    "tag": nodes("") + "sufficient_if: !!python/name:os.system x  # <-- tag\n",
    # inputs
    "input_unknown_type": "description: d\ninputs:\n  q: strng  # <-- unknown type 'strng'\nnodes:\n  a: {kind: set, values: {x: 1}}\noutput: {x: '{{ a.x }}'}\n",
    "input_reserved": "description: d\ninputs:\n  output: string  # <-- cannot be an input's name\nnodes:\n  a: {kind: set, values: {x: 1}}\noutput: {x: '{{ a.x }}'}\n",
    "input_wrong_default": "description: d\ninputs:\n  k: {type: integer, default: many}  # <-- not of type 'integer'\nnodes:\n  a: {kind: set, values: {x: 1}}\noutput: {x: '{{ a.x }}'}\n",
    "input_limits_cross": "description: d\ninputs:\n  k: {type: integer, minimum: 5, maximum: 1}  # <-- larger than maximum\nnodes:\n  a: {kind: set, values: {x: 1}}\noutput: {x: '{{ a.x }}'}\n",
    "input_unknown_limit": "description: d\ninputs:\n  k: {type: integer, min: 5}  # <-- unknown key 'min'\nnodes:\n  a: {kind: set, values: {x: 1}}\noutput: {x: '{{ a.x }}'}\n",
    # nodes
    "unknown_kind": nodes("  x: {kind: lllm, prompt: p}  # <-- unknown kind of node 'lllm'\n"),
    "no_kind": nodes("  x: {prompt: p}  # <-- has no kind\n"),
    "node_not_a_mapping": nodes("  x: llm  # <-- is not a mapping\n"),
    "reserved_name": nodes("  loop: {kind: set, values: {x: 1}}  # <-- cannot be a node's name\n"),
    "name_with_blank": nodes("  my node: {kind: set, values: {x: 1}}  # <-- cannot be a node's name\n"),
    "name_used_twice": nodes("  m:\n    kind: map\n    over: plan.questions\n    nodes:\n      plan: {kind: set, values: {x: 1}}  # <-- there is another node 'plan'\n"),
    "unknown_node_key": nodes("  x:\n    kind: llm\n    prompt: p\n    temprature: 1  # <-- unknown key 'temprature'\n"),
    "search_without_query": nodes("  x: {kind: search}  # <-- key 'query' is missing\n"),
    "k_is_negative_text": nodes("  x: {kind: search, query: a, per_document: 0}  # <-- greater than or equal to 1\n"),
    "two_prompts": nodes("  x: {kind: llm, prompt: p, prompt_file: q.txt}  # <-- give one of prompt\n"),
    "no_prompt": nodes("  x: {kind: llm}  # <-- give one of prompt\n"),
    "prompt_file_missing": nodes("  x: {kind: llm, prompt_file: nowhere.txt}  # <-- no file nowhere.txt\n"),
    "prompt_file_outside": nodes("  x: {kind: llm, prompt_file: ../../etc/passwd}  # <-- lies outside\n"),
    "prompt_by_unknown_name": nodes("  x: {kind: llm, use: plann}  # <-- no prompt named 'plann'\n"),
    "prompt_by_name_lacks_value": nodes("  x: {kind: llm, use: plan}  # <-- needs the value 'question'\n"),
    "returns_unknown_type": nodes("  x: {kind: llm, prompt: p, returns: {a: strin}}  # <-- unknown type 'strin'\n"),
    "returns_two_types_in_a_list": nodes("  x: {kind: llm, prompt: p, returns: [string, integer]}  # <-- holds one type\n"),
    "returns_empty_choice": nodes("  x: {kind: llm, prompt: p, returns: a | | b}  # <-- empty or repeated choice\n"),
    "vote_on_unknown_field": nodes("  x: {kind: vote, prompt: p, returns: {a: string}, on: b}  # <-- has no field 'b'\n"),
    "role_missing": nodes("  x: {kind: llm, role: wrtier, prompt: p}  # <-- role 'wrtier' is missing\n"),
    # edges
    "edge_to_unknown_node": nodes("") + "edges:\n  - plan -> nowhere  # <-- unknown node 'nowhere'\n",
    "edge_without_arrow": nodes("") + "edges:\n  - plan  # <-- is not an edge\n",
    "edge_after_end": nodes("") + "edges:\n  - end -> plan  # <-- nothing comes after 'end'\n",
    "unreachable": nodes("  lonely: {kind: set, values: {x: 1}}  # <-- no path leads to 'lonely'\n  last: {kind: set, values: {x: 1}}\n") + "edges: [plan -> last]\n",
    "former_key": nodes("") + "enough: plan.size > 0  # <-- the key 'enough' is now called 'sufficient_if'\n",
    "former_key_of_a_loop": nodes("  l:\n    kind: loop\n    most: 2  # <-- the key 'most' is now called 'max_turns'\n    until: 'true'\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "former_key_of_a_map": nodes("  m:\n    kind: map\n    over: plan.questions\n    most: 2  # <-- the key 'most' is now called 'max_items'\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "cycle": nodes("  again: {kind: set, values: {x: 1}}  # <-- cycle without a bound\n") + "edges: [again -> plan]\n",
    "branch_to_unknown_node": nodes("  b:\n    kind: branch\n    cases:\n      - {if: plan.size > 1, to: gone}  # <-- unknown node 'gone'\n"),
    "branch_otherwise_unknown": nodes("  b:\n    kind: branch\n    cases: [{if: plan.size > 1, to: end}]\n    otherwise: gone  # <-- unknown node 'gone'\n"),
    "edge_from_a_branch": nodes("  b: {kind: branch, cases: [{if: plan.size > 1, to: end}]}\n") + "edges:\n  - b -> plan  # <-- is a branch\n",
    "branch_between_parallel_paths": nodes(
        "  one: {kind: branch, cases: [{if: plan.size > 1, to: three}]}\n  two: {kind: set, values: {x: 1}}\n  three: {kind: set, values: {x: 1}}\n",
        plan=PLAN.replace("plan:\n", "plan:  # <-- might wait for ever\n"),
    ) + "edges: ['plan -> one, two', two -> three]\n",
    # loops and maps
    "loop_without_a_bound": nodes("  l:  # <-- key 'max_turns' is missing\n    kind: loop\n    until: true\n    nodes:\n      x: {kind: set, values: {y: 1}}\n").replace("  l:  # <-- key 'max_turns' is missing\n    kind: loop", "  l:\n    kind: loop  # <-- key 'max_turns' is missing"),
    "loop_until_unknown": nodes("  l:\n    kind: loop\n    max_turns: 2\n    until: z.done  # <-- unknown name 'z'\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "loop_uses_next_turn_unguarded": nodes("  l:\n    kind: loop\n    max_turns: 2\n    until: 'true'\n    nodes:\n      x: {kind: set, values: {y: '{{ z.v }}'}}  # <-- has not run on every path\n      z: {kind: set, values: {v: 1}}\n"),
    "map_over_text": nodes("  m:\n    kind: map\n    over: inputs.question  # <-- a map needs a list\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "map_item_name_taken": nodes("  m:\n    kind: map\n    over: plan.questions\n    item: plan  # <-- is taken\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "loop_in_a_map": nodes("  m:\n    kind: map\n    over: plan.questions\n    nodes:\n      l:  # <-- a map cannot hold a loop\n        kind: loop\n        max_turns: 2\n        until: 'true'\n        nodes:\n          x: {kind: set, values: {y: 1}}\n"),
    "inside_of_map_used_outside": nodes("  m:\n    kind: map\n    over: plan.questions\n    nodes:\n      x: {kind: set, values: {y: 1}}\n  after: {kind: set, values: {v: '{{ x.y }}'}}  # <-- 'x' is used before it is made\n"),
    "branch_falls_through": nodes("  b: {kind: branch, cases: [{if: plan.size > 1, to: one}], otherwise: two}\n  one: {kind: set, values: {v: 1}}  # <-- 'one' goes on to 'two'\n  two: {kind: set, values: {w: 1}}\n"),
    "loop_without_an_end": nodes("  l:\n    kind: loop  # <-- l: key 'until' is missing\n    max_turns: 2\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "error_beside_a_cycle": nodes("  again: {kind: set, values: {x: '{{ nope }}'}}  # <-- unknown name 'nope'\n") + "edges: [again -> plan]\n",
    "error_in_a_lonely_node": nodes("  lonely:\n    kind: set\n    values: {x: '{{ nope }}'}  # <-- unknown name 'nope'\n  last: {kind: set, values: {x: 1}}\n") + "edges: [plan -> last]\n",
    # names and types
    "unknown_name": nodes("  x: {kind: set, values: {v: '{{ plam.size }}'}}  # <-- unknown name 'plam'\n"),
    "unknown_input": nodes("  x: {kind: set, values: {v: '{{ inputs.qestion }}'}}  # <-- no field 'qestion'\n"),
    "unknown_field": nodes("  x: {kind: set, values: {v: '{{ plan.question }}'}}  # <-- no field 'question'\n"),
    "field_of_a_list": nodes("  x: {kind: set, values: {v: '{{ plan.questions.text }}'}}  # <-- has no field 'text'\n"),
    "used_before_made": nodes("  x: {kind: set, values: {v: '{{ y.w }}'}}  # <-- 'y' is used before it is made\n  y: {kind: set, values: {w: 1}}\n"),
    "own_output": nodes("  x: {kind: set, values: {v: '{{ x.v }}'}}  # <-- 'x' is used before it is made\n"),
    "only_on_one_path": nodes("  b: {kind: branch, cases: [{if: plan.size > 1, to: one}], otherwise: two}\n  one: {kind: set, values: {v: 1}}\n  two: {kind: set, values: {w: '{{ one.v }}'}}  # <-- has not run on every path\n"),
    "number_against_text": nodes("  b: {kind: branch, cases: [{if: plan.size == 'big', to: end}]}  # <-- compares a whole number with text\n"),
    "impossible_choice": nodes("  b:\n    kind: branch\n    cases:\n      - {if: plan.kind == 'esay', to: end}  # <-- it is never 'esay'\n"),
    "condition_is_text": nodes("  b:\n    kind: branch\n    cases:\n      - {if: inputs.question, to: end}  # <-- a condition is true or false\n"),
    "passages_are_not": nodes("  r:\n    kind: read\n    question: q\n    passages: plan.questions  # <-- needs the passages of a search node\n"),
    "evidence_is_not": nodes(f"{FOUND}  c:\n    kind: check\n    claim: c\n    evidence: found.passages  # <-- needs the evidence of a read node\n"),
    "fit_is_no_list": nodes("  x:\n    kind: llm\n    prompt: p\n    fit: plan.size  # <-- needs a list that the prompt shows\n"),
    "for_over_a_number": nodes("  x:\n    kind: llm\n    prompt: |\n      Text\n      {% for a in plan.size %}  # <-- needs a list\n      {{ a }}{% endfor %}\n"),
    # templates
    "open_brace": nodes("  x: {kind: llm, prompt: 'a {{ plan.size'}  # <-- not a template\n"),
    "not_an_expression": nodes("  m:\n    kind: map\n    over: plan.questions and  # <-- not a template\n    nodes:\n      x: {kind: set, values: {y: 1}}\n"),
    "call": nodes("  x:\n    kind: set\n    values:\n      v: '{{ plan.questions.append(1) }}'  # <-- calls are not allowed\n"),
    "unknown_filter": nodes("  x: {kind: set, values: {v: '{{ plan.size | upcase }}'}}  # <-- unknown filter\n"),
    "set_statement": nodes("  x:\n    kind: llm\n    prompt: |\n      {% set y = 1 %}  # <-- is not allowed\n"),
    "include": nodes("  x:\n    kind: llm\n    prompt: |\n      {% include '/etc/passwd' %}  # <-- is not allowed\n"),
    # tools, graphs, approval
    "unknown_tool_allowed": nodes("").replace("  search_corpus:\n", "  serch_corpus:  # <-- no tool named 'serch_corpus'\n"),
    "unknown_limit": nodes("").replace("{calls: 3}", "{cals: 3}  # <-- unknown key 'cals'"),
    "tool_not_allowed": nodes("  x: {kind: tool, tool: read_document}  # <-- is not allowed here\n"),
    "tool_unknown": nodes("  x: {kind: tool, tool: os.system}  # <-- os.system\n"),
    "tool_argument_missing": nodes("  x:\n    kind: tool\n    tool: calculator\n    arguments: {}  # <-- needs 'expression'\n"),
    "tool_argument_unknown": nodes("  x:\n    kind: tool\n    tool: calculator\n    arguments:\n      expression: '1'\n      digits: 3  # <-- takes no 'digits'\n"),
    "tool_argument_type": nodes("  x:\n    kind: tool\n    tool: search_corpus\n    arguments:\n      query: q\n      k: '{{ inputs.question }}'  # <-- wants a whole number\n"),
    "tool_argument_out_of_range": nodes("  x:\n    kind: tool\n    tool: search_corpus\n    arguments:\n      query: q\n      k: 100  # <-- greater than the maximum\n"),
    "agent_tool_not_allowed": nodes("  x:\n    kind: agent\n    goal: g\n    tools: [calculator, table]  # <-- 'table' is not allowed here\n"),
    "python_not_in_project": nodes("  x: {kind: python, function: calculator, arguments: {expression: '1'}}  # <-- project's own tools folder\n"),
    "mcp_server_unknown": nodes("").replace("  search_corpus:\n", "  files.read:  # <-- no MCP server named 'files'\n"),
    "graph_unknown": nodes("  x: {kind: graph, graph: reserch, inputs: {question: q}}  # <-- no graph named 'reserch'\n"),
    "graph_input_missing": nodes("  x:\n    kind: graph\n    graph: research\n    inputs: {}  # <-- needs 'question'\n"),
    "graph_input_unknown": nodes("  x:\n    kind: graph\n    graph: research\n    inputs:\n      question: q\n      kk: 3  # <-- takes no 'kk'\n"),
    "graph_output_unknown": nodes("  x: {kind: graph, graph: glossary, inputs: {terms: [a]}}\n  y: {kind: set, values: {v: '{{ x.nothing }}'}}  # <-- no field 'nothing'\n"),
    "graph_wants_tools": nodes("  x:\n    kind: graph\n    graph: fact_check  # <-- 'sentences' is not allowed here\n    inputs: {text: t}\n"),
    # the end
    "output_unknown": nodes("", output="output:\n  text: '{{ plna }}'  # <-- unknown name 'plna'\n"),
    "sufficient_if_unknown": nodes("") + "sufficient_if: nothing_here > 1  # <-- unknown name 'nothing_here'\n",
}  # fmt: skip

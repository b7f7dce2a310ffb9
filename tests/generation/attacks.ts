/** A template that tries to reach or to use up what it must not. */
export interface TemplateAttack {
  readonly name: string;
  readonly template: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** The harmless text that it is answered with; `null`: it is refused as `template_invalid`. */
  readonly harmless: string | null;
}

/** `depth` times as an opening, once as what is inside, `depth` times as a closing. */
function nested(open: string, inside: string, close: string, depth: number): string {
  return open.repeat(depth) + inside + close.repeat(depth);
}

function refused(name: string, template: string, context = {}): TemplateAttack {
  return { name, template, context, harmless: null };
}

function harmless(name: string, template: string, text: string, context = {}): TemplateAttack {
  return { name, template, context, harmless: text };
}

const PYTHON: readonly TemplateAttack[] = [
  refused("the class of a text", "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
  refused("the class of a list", "{{ [].__class__.__base__ }}"),
  refused("the class of a map", "{{ {}.__class__ }}"),
  refused("attr spells an attribute", "{{ ''|attr('__class__')|attr('__mro__') }}"),
  refused("attr with escapes", "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f')|attr('mro')() }}"),
  refused("globals of cycler", "{{ cycler.__init__.__globals__.os.popen('id').read() }}"),
  refused("globals of joiner", "{{ joiner.__init__.__globals__ }}"),
  refused("globals of namespace", "{{ namespace.__init__.__globals__.os }}"),
  refused("globals of lipsum", "{{ lipsum.__globals__['os'].popen('id').read() }}"),
  refused("globals of range", "{{ range.__globals__ }}"),
  refused("globals of a macro", "{% macro m() %}{% endmacro %}{{ m.__globals__ }}"),
  refused("code of a macro", "{% macro m() %}{% endmacro %}{{ m._func.__code__ }}"),
  refused("self", "{{ self.__init__.__globals__.__builtins__ }}"),
  refused("self of TemplateReference", "{{ self._TemplateReference__context.cycler }}"),
  refused("the loop's class", "{% for i in [1] %}{{ loop.__class__ }}{% endfor %}"),
  refused("Flask's request", "{{ request.application.__globals__ }}"),
  refused("Flask's config", "{{ config.items() }}"),
  refused("Flask's get_flashed_messages", "{{ get_flashed_messages.__globals__ }}"),
  refused("url_for", "{{ url_for.__globals__ }}"),
  refused("format of a text", "{{ '{0.__class__}'.format(1) }}"),
  refused("format_map of a text", "{{ '{a.__class__}'.format_map({'a': 1}) }}"),
  refused("filter map with attribute", "{{ ['a']|map(attribute='__class__')|first }}"),
  refused("selectattr of a dunder", "{{ [1]|selectattr('__class__', 'eq', 1)|list|first }}"),
  refused("groupby of a dunder", "{{ ([1]|groupby('__class__'))[0].grouper }}"),
  refused("sort by a dunder's name", "{{ ([1, 2]|sort(attribute='__class__'))[0].__class__ }}"),
  refused("import of a module", "{% import 'os' as os %}{{ os.popen('id').read() }}"),
  refused("from of a module", "{% from 'os' import popen %}{{ popen('id') }}"),
  refused("include of a file", "{% include '/etc/passwd' %}"),
  refused("include of a path that climbs", "{% include ['../../etc/passwd', 'x'] %}"),
  refused("extends of a file", "{% extends '/etc/passwd' %}"),
  refused("include of itself", "{% include '<string>' %}"),
  refused("the engine's own state", "{{ debug() }}"),
];

const JAVASCRIPT: readonly TemplateAttack[] = [
  refused("a constructor", "{{ m.constructor }}", { m: {} }),
  refused("Function by a constructor", "{{ m.constructor.constructor('return 1')() }}", { m: {} }),
  refused("a constructor of a text", "{{ 'a'.constructor }}"),
  refused("a constructor of a list", "{{ l['constructor'] }}", { l: [] }),
  refused("__proto__", "{{ m.__proto__ }}", { m: {} }),
  refused("__proto__ by attr", "{{ (m|attr('__proto__')).x }}", { m: {} }),
  refused("prototype", "{{ range.prototype }}"),
  refused("__defineGetter__", "{{ m.__defineGetter__('a', range) }}", { m: {} }),
  refused("hasOwnProperty", "{{ m.hasOwnProperty('a') }}", { m: {} }),
  refused("toString", "{{ m.toString() }}", { m: {} }),
  refused("the length of a list", "{{ l.length }}", { l: [1] }),
  refused("a method of a list", "{{ l.push(1) }}", { l: [1] }),
  refused("globalThis", "{{ globalThis }}"),
  refused("Deno", "{{ Deno.env.get('HOME') }}"),
  refused("process", "{{ process.env }}"),
  refused("require", "{{ require('fs') }}"),
  refused("a filter as a value", "{{ center.constructor }}"),
  refused("a filter that is given a map", "{{ {'toString': 1}|center(3) }}"),
  refused("a filter's width is a map", "{{ 'a'|center({'valueOf': 1}) }}"),
  harmless(
    "keys that are names of JavaScript",
    "{{ m.__proto__ }} {{ m.constructor }} {{ m.prototype }} {{ __proto__ }} {{ constructor }}",
    "1 2 3 4 5",
    JSON.parse(
      '{"m":{"__proto__":1,"constructor":2,"prototype":3},"__proto__":4,"constructor":5}',
    ),
  ),
  refused("a prototype is not inherited", "{{ m.polluted }}", {
    m: JSON.parse('{"__proto__":{"polluted":1}}'),
  }),
  harmless("a template in a value", "{{ a }}", "{{ 7 * 7 }}", { a: "{{ 7 * 7 }}" }),
  harmless("a function's text in a value", "{{ a }}", "() => Deno.exit()", {
    a: "() => Deno.exit()",
  }),
];

const RESOURCES: readonly TemplateAttack[] = [
  refused("a long range", "{{ range(1000000000)|list }}"),
  refused(
    "a loop in a loop",
    "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
  ),
  refused("a text a billion times", "{{ 'x' * 1000000000 }}"),
  refused("a text more often than integers go", "{{ 'x' * 10 ** 30 }}"),
  refused(
    "a text doubled again and again",
    "{% set n = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
  ),
  refused(
    "a list doubled again and again",
    "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = n.l + n.l %}{% endfor %}{{ n.l|length }}",
  ),
  refused("a list a billion times", "{{ ([1] * 1000000000)|list|length }}"),
  refused("a wide center", "{{ 'x'|center(1000000000) }}"),
  refused("a wide indent", "{{ 'a\\nb'|indent(4000000000) }}"),
  refused("a wide tojson", "{{ [[1]]|tojson(indent=4000000000) }}"),
  refused("a long batch", "{% for b in [1]|batch(4000000000, 0) %}{{ b|length }}{% endfor %}"),
  refused("many slices", "{% for s in [1]|slice(4000000000) %}{% endfor %}"),
  refused("replace that grows", "{{ ('a' * 10000)|replace('a', 'b' * 100000)|length }}"),
  refused("join that grows", "{{ range(10000)|join('b' * 1000000)|length }}"),
  refused("a large power", "{{ 9 ** 9 ** 9 }}"),
  refused("a large integer", `{{ ${"9".repeat(5000)} }}`),
  refused("a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
  refused(
    "macros that call each other twice",
    "{% macro a(n) %}{% if n > 0 %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}x{% endmacro %}{{ a(60) }}",
  ),
  refused(
    "a recursive loop without an end",
    "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
  ),
  refused("a block that shows itself", "{% block a %}{{ self.a() }}{% endblock %}"),
  refused("brackets in brackets", `{{ ${nested("(", "1", ")", 100_000)} }}`),
  refused("lists in lists", `{{ ${nested("[", "", "]", 100_000)} }}`),
  refused("ifs in ifs", nested("{% if 1 %}", "", "{% endif %}", 10_000)),
  refused("loops in loops", nested("{% for i in [1] %}", "", "{% endfor %}", 8000)),
  refused("signs before a number", `{{ ${"-".repeat(200_000)}1 }}`),
  refused("nots", `{{ ${"not ".repeat(60_000)}1 }}`),
  refused("filters behind filters", `{{ 1${"|string".repeat(30_000)}${"(".repeat(10)} }}`),
  refused("attributes of attributes", `{{ a${".a".repeat(100_000)} }}`, { a: 1 }),
  refused("an output that is too long", "{% for i in range(2000) %}{{ 'x' * 1000 }}{% endfor %}"),
  refused("a long output of few steps", "{{ 'x' * 1048577 }}"),
  refused(
    "a block set that doubles",
    "{% set a %}{{ 'x' * 500000 }}{% endset %}{% for i in range(99) %}{{ a }}{% endfor %}",
  ),
  refused(
    "work in filters",
    "{% set s = 'ab ' * 300000 %}{% for i in range(9999) %}{% set x = s|title|upper|lower|replace('a', 'b') %}{% endfor %}",
  ),
  refused(
    "sorting without an end",
    "{% set l = range(90000)|list %}{% for i in range(9999) %}{% set x = l|sort(reverse=true)|unique|list %}{% endfor %}",
  ),
  refused(
    "comparing without an end",
    "{% set l = range(90000)|list %}{% for i in range(99999) %}{{ '' if l == l and 90001 in l }}{% endfor %}",
  ),
];

/** All of them: the classics against Jinja, walks through JavaScript's objects, and use of much. */
export const TEMPLATE_ATTACKS: readonly TemplateAttack[] = [...PYTHON, ...JAVASCRIPT, ...RESOURCES];

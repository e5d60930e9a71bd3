"""`trapline gdbinit`: a script for gdb, whose commands know where the `monitor` has what gdb lacks.

The first part is for any gdb. The second needs one with Python (Debian's gdb-multiarch has it): a gdb without it tells
so there, and has the first part by then.
"""

from __future__ import annotations

from typing import Final

_PLAIN: Final = """\
# Commands for gdb on a guest of Trapline. In gdb: source FILE; help user-defined lists them.

define walk
  if $argc == 0
    monitor walk $pc fetch
  end
  if $argc == 1
    eval "monitor walk %lu", (unsigned long)($arg0)
  end
  if $argc == 2
    eval "monitor walk %lu $arg1", (unsigned long)($arg0)
  end
end
document walk
walk [ADDRESS [load|store|fetch]]: each step of a translation, and why it fails.
end

define explain
  if $argc == 0
    monitor explain
  else
    eval "monitor explain %lu", (unsigned long)($arg0)
  end
end
document explain
explain [ADDRESS]: an instruction's bits and meaning; of the one at pc what it would do now.
end

define last
  if $argc == 0
    monitor trace
  else
    eval "monitor trace %lu", (unsigned long)($arg0)
  end
end
document last
last [COUNT]: the last instructions that were executed, and what each changed.
end

define who-wrote
  if $argc == 2
    eval "monitor last-write %lu %lu", (unsigned long)($arg0), (unsigned long)($arg1)
  else
    eval "monitor last-write %lu %lu", (unsigned long)&($arg0), (unsigned long)sizeof($arg0)
  end
end
document who-wrote
who-wrote VARIABLE, or ADDRESS SIZE: the instruction that wrote there last.
end

define goto-moment
  monitor goto $arg0
  maintenance flush register-cache
  maintenance flush dcache
  frame 0
end
document goto-moment
goto-moment present|start|BOOKMARK|NUMBER: puts the machine to a moment of its history.
end

define view
  if $argc == 0
    monitor view
  else
    monitor view $arg0
    maintenance flush dcache
  end
end
document view
view [NAME]: what addresses mean in gdb from now on; without a name the views there are.
end
"""

_PYTHON: Final = '''\

# From here on gdb needs Python. A gdb without it stops reading the file, and has the commands above.
python
import json

import gdb
import gdb.printing


def trapline_ask(line):
    """What a monitor command answers, as values."""
    told = gdb.execute("monitor %s --json" % line, to_string=True)
    answer = json.loads(next(one for one in told.splitlines() if one.startswith("{")))
    if "error" in answer:
        raise gdb.GdbError(answer["error"])
    return answer["result"]


class TraplineRegister(gdb.Command):
    """trapline-register NAME...: registers by the description's names, a field a line, with what its value means."""

    def __init__(self):
        super().__init__("trapline-register", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        names = argument.split()
        if not names:
            raise gdb.GdbError("trapline-register: name one or more, as the description has them")
        for one in trapline_ask("registers " + " ".join(names)):
            gdb.write("%s = %s  %s\\n" % (one["name"], one["value"], one["title"]))
            for field in one["fields"]:
                said = "  " + field["means"] if field["means"] else ""
                gdb.write("  %-12s %-12s%s  %s\\n" % (field["name"], field["value"], said, field["title"]))


class TraplineFields:
    """Prints a register that has fields as its value, with the fields that are not zero."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        fields = self.value["fields"]
        shown = []
        for field in fields.type.fields():
            bits = int(fields[field.name])
            if field.name and bits:
                shown.append(field.name if field.bitsize == 1 else "%s=%#x" % (field.name, bits))
        return "%#x [%s]" % (int(self.value["value"]), " ".join(shown))


def trapline_printer(value):
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_UNION and [field.name for field in kind.fields()] == ["value", "fields"]:
        return TraplineFields(value)
    return None


gdb.pretty_printers[:] = [one for one in gdb.pretty_printers if getattr(one, "__name__", "") != "trapline_printer"]
gdb.pretty_printers.append(trapline_printer)
TraplineRegister()
end
'''


def script() -> str:
    """The file's text."""
    return _PLAIN + _PYTHON

"""How the words of each form are written at once, and what is learned of that."""

from __future__ import annotations

from ...isa.model.items import Form
from ..instructions.templates.candidates import MnemonicTable
from .kept_plans import KeptPlans
from .plans import FormPlans
from .written_words import Route


class Routes(dict[str, Route]):
    """By the name of a form; made when it is asked for, of what earlier runs have kept if there is any."""

    def __init__(self, table: MnemonicTable, kept: KeptPlans) -> None:
        super().__init__()
        self._table = table
        self._kept = kept
        self._plans: dict[str, FormPlans] = {}

    def __missing__(self, name: str) -> Route:
        route = self._kept.route(name)
        if route is None:
            return self._made(name).route
        self[name] = route
        return route

    def plans(self, form: Form) -> FormPlans:
        """The plans of a form, to learn what its route does not know."""
        return self._plans.get(form.name) or self._made(form.name)

    def _made(self, name: str) -> FormPlans:
        made = FormPlans(self._table.encoders[name], self._table, self.get(name))
        made.chooser.know(self._kept.answers(name))
        self._plans[name] = made
        self[name] = made.route
        return made

    def keep(self) -> None:
        """Keeps what has been learned for later runs."""
        if self._plans:
            self._kept.keep(self._plans)

"""``./loket run`` with stand-ins for all but the supervisor, PostgreSQL and the migrations.

Settings come from the environment as usual; ``STANDIN_GATEWAY`` changes what the gateway is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot import log
from bot.errors import LoketError
from bot.launch.process import Program
from bot.launch.programs import Programs
from bot.launch.run import run
from bot.settings import ROOT, Settings

STANDIN = Path(__file__).with_name("standin.py")


class StandIns(Programs):
    def _standin(self, name: str, *args: str, foreign: bool = False) -> Program:
        return Program(
            name, (sys.executable, str(STANDIN), *args), dict(os.environ), ROOT, grace_s=0.5, foreign=foreign
        )

    def model(self) -> Program:
        return self._standin("model", "answer", "/some/model.tar.gz")

    def rasa(self, model: Path) -> Program:
        assert str(model) == "/some/model.tar.gz"
        return self._standin("rasa", "serve", str(self.settings.rasa_port), foreign=True)

    def gateway(self) -> Program:
        assert self.settings.database_url, "the gateway is started with a database"
        return self._standin("gateway", *os.environ.get("STANDIN_GATEWAY", f"serve {self.settings.port}").split())

    def worker(self) -> Program:
        return self._standin("worker", "parent", str(self.settings.var_dir / "grandchild"))

    def sandbox(self) -> Program:
        return self._standin("sandbox", "stubborn")


if __name__ == "__main__":
    settings = Settings.from_env({"LOKET_DEMO": "1", **os.environ})
    log.configure(settings, "loket")
    try:
        sys.exit(run(settings, StandIns))
    except LoketError as error:
        print(error, file=sys.stderr)
        sys.exit(2)

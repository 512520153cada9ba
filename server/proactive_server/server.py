"""One server: its parts, how they are tied together, and its life from the start to the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from proactive_collectors.project_file import PROJECT_FILE
from proactive_collectors.uris import to_path
from proactive_server import actions, surfaces
from proactive_server.alarm import Alarm
from proactive_server.bindings import bind
from proactive_server.board import Board
from proactive_server.client import Client
from proactive_server.client_window import ClientWindow
from proactive_server.configuration import SECTION, Configuration
from proactive_server.consultant import Consultant
from proactive_server.documents import Documents
from proactive_server.edits import Edits, Workspace
from proactive_server.feedback import Feedback
from proactive_server.lifeline import watch_process
from proactive_server.observer import Observer
from proactive_server.positions import Units
from proactive_server.progress import Progress, Stoppable
from proactive_server.protocol import new_language_server
from proactive_server.settings import LogLevel, Settings
from proactive_server.status import Status
from proactive_server.tasks import Tasks
from proactive_server.thinking import AFTER, Thinking
from proactive_server.timeline import Timeline
from proactive_server.transport import Connection, RawHandler
from proactive_server.worker import Worker
from proactive_server.writing import Writing

if TYPE_CHECKING:
    from proactive_collectors.trace import Window
    from proactive_server.pipeline import Outcome, Pipeline
    from proactive_server.sources import Sources

log = logging.getLogger(__name__)

EVENT = "proactive/event"
STATUS_CHANGED = "proactive/didChangeStatus"

_CLOSING_SECONDS = 5.0
_SETTLING_SECONDS = 1.0
_ANSWER_SECONDS = 0.01


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Application:
    """One server: its parts, and how they are tied together.

    Args:
        clock: the time, in UTC.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self.language_server = new_language_server()
        self.tasks = Tasks()
        self.client_window = ClientWindow(self.language_server, self.tasks)
        self.client = Client()
        self.configuration = Configuration(self.client_window.warn)
        self.documents = Documents()
        self.workspace = Workspace(self.documents)
        self.board = Board()
        self.edits = Edits(self.documents, self.workspace, lambda: self.client)
        self.timeline = Timeline()
        self.consultant = Consultant(
            lambda advice: self._put(lambda pipeline: self._deliver(pipeline.advised(advice))),
            self._tell_status,
            self._in_loop,
            lambda: self.workspace.folders,
            clock,
        )
        self.glance = Status(
            self.board,
            self.timeline,
            self._settings,
            lambda: self.workspace.folders,
            clock,
            self.consultant.status,
        )
        self.worker: Worker[Pipeline] = Worker(
            self._build_pipeline, lambda pipeline: pipeline.close(), self._rested
        )
        self.thinking = Thinking(lambda: self.worker.busy_since, self._tell_status)
        self.progress = Progress(
            lambda: self.worker.busy,
            lambda: self.language_server.work_done_progress if self.client.progress else None,
            self.tasks.spawn,
        )
        self.observer = Observer(self.documents, self.board, self._settings, self._put, self._deliver, clock)
        self.writing = Writing(
            self.board,
            self.documents,
            self.workspace,
            self.edits,
            self.consultant,
            self._settings,
            self._window,
            lambda identifier, proposal: self._put(lambda pipeline: pipeline.written(identifier, proposal)),
            lambda: Stoppable(self.language_server.work_done_progress) if self.client.progress else None,
        )
        self.feedback = Feedback(
            self.board,
            self.documents,
            self.workspace,
            self.edits,
            self.observer,
            self.timeline,
            self.glance,
            lambda: self.client,
            self.client_window,
            clock,
            self.writing.write,
            self.writing.stop,
        )
        self.actions = actions.CodeActions(
            self.board,
            self.documents,
            self.edits,
            lambda: self.client,
            self.writing.write,
            self.client_window.tell,
            self.feedback.recheck,
            self.feedback.refusal,
        )
        self.hints = surfaces.Hints(
            self.board, self.documents, self._settings, self.language_server.text_document_publish_diagnostics
        )
        self.lenses = surfaces.Lenses(self.board, self.documents, self._settings)
        self.connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sources: Sources | None = None
        self._stop_lifeline: Callable[[], None] = lambda: None
        self._lens_registered = False
        self._settled = False  # whether the client was asked for its settings
        self._told: tuple[object, ...] = ()
        self._status_alarm: Alarm | None = None
        bind(self)
        self.board.subscribe(self._draw)
        self.configuration.subscribe(self._configured)
        self.observer.on_rest = lambda: self.hints.refresh()

    @property
    def raw(self) -> dict[str, RawHandler]:
        """The messages that come too often, or too wild, to be turned into objects first."""
        return {
            types.TEXT_DOCUMENT_DID_CHANGE: self.observer.changed,
            EVENT: self.observer.notified,
        }

    def connect(self) -> Connection:
        """The connection over which to serve; call it in the running loop."""
        self._loop = asyncio.get_running_loop()
        self.observer.set_alarm(Alarm(self._loop, self.observer.ring))
        self.thinking.set_alarm(Alarm(self._loop, self.thinking.look), self._loop.time)
        self._status_alarm = Alarm(self._loop, self._tell_status)
        self.connection = Connection(self.language_server, self.raw)
        return self.connection

    async def close(self) -> None:
        """End everything that was started."""
        self._stop_lifeline()
        if self._sources is not None:
            await self._sources.close()
        self.tasks.close()
        self.observer.finish_bursts()
        self.consultant.close()
        self.feedback.close()
        self.worker.close(_CLOSING_SECONDS)

    async def settle(self) -> None:
        """Have on disk what was seen so far: to some clients the answer to ``shutdown`` is leave to kill."""
        if self.connection is None or self._sources is None:
            return  # the worker was never started
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def last(pipeline: Pipeline) -> None:
            pipeline.flush()
            loop.call_soon_threadsafe(done.set)

        self.connection.answered.clear()
        try:
            self.observer.finish_bursts()
            self.worker.put(last)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), _SETTLING_SECONDS)
        finally:  # the answer is written some turns of the loop after this
            loop.call_later(_ANSWER_SECONDS, self.connection.answered.set)

    # --- the start --------------------------------------------------------------------------------------

    def initialize(self, params: types.InitializeParams) -> None:
        """Read what the client is and what it wants."""
        self.client = Client.of(params.capabilities)
        encoding = self.language_server.workspace.position_encoding
        self.documents.units = Units(getattr(encoding, "value", None) or str(encoding))
        uris = [folder.uri for folder in params.workspace_folders or ()]
        if not uris and params.root_uri:
            uris = [params.root_uri]
        self._take_folders(uris)
        self.configuration.take_options(params.initialization_options)
        if self.configuration.current.surfaces.code_lens or not self.client.register_lens:
            self._bind_lens(always=False)
        if params.process_id is not None and self.connection is not None:
            self._stop_lifeline = watch_process(params.process_id, self.connection.end)

    def initialized(self) -> None:
        """Begin to watch, once the client is served."""
        from proactive_server.sources import Sources

        self.worker.start()
        self._sources = Sources(self.observer.report)
        self.tasks.spawn(self._settle_in())

    async def _settle_in(self) -> None:
        registrations: list[types.Registration] = []
        if self.client.register_configuration:
            registrations.append(
                types.Registration(
                    "proactive-configuration",
                    types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                    types.DidChangeConfigurationRegistrationOptions(section=SECTION),
                )
            )
        if self.client.register_watched_files:
            watchers = [types.FileSystemWatcher(glob_pattern=f"**/{PROJECT_FILE}")]
            registrations.append(
                types.Registration(
                    "proactive-project-file",
                    types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                    types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers),
                )
            )
        if registrations:
            self.tasks.spawn(
                self.language_server.client_register_capability_async(types.RegistrationParams(registrations))
            )
        await self.pull_configuration()
        self._settled = True
        await self._arrange_sources()
        self._tell_status()

    async def pull_configuration(self) -> None:
        """Ask the client for its section of the settings."""
        if not self.client.configuration:
            return
        try:
            answer = await self.language_server.workspace_configuration_async(
                types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
            )
        except Exception as error:  # whatever a client answers to this, its absence is no reason to stop
            log.info("the client has no configuration to give: %s", error)
            return
        self.configuration.take_editor(answer[0] if answer else None)

    def push_configuration(self, settings: Any) -> None:
        """Take settings that the client sends by itself."""
        if self.client.configuration:
            self.tasks.spawn(self.pull_configuration())
        elif isinstance(settings, dict) and SECTION in settings:
            self.configuration.take_editor(settings[SECTION])

    def change_folders(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """Take the workspace folders that the client has now."""
        self._take_folders([folder.uri for folder in self.language_server.workspace.folders.values()])
        folders = self.workspace.folders
        self.worker.put(lambda pipeline: pipeline.take_folders(folders))
        self._tell_status()
        self.tasks.spawn(self._arrange_sources())

    def project_file_changed(self) -> None:
        """Read the project files anew."""
        self._load_project()

    def opening(self, uri: str) -> None:
        """Before a document is opened: without a workspace folder the project files of its own folder count."""
        path = to_path(uri)
        if not self.workspace.folders and path is not None:
            self._load_project(path.parent)

    def _load_project(self, *further: Path) -> None:
        folders = self.workspace.folders
        if not folders:
            from proactive_server.views import parents_of

            folders = tuple(dict.fromkeys((*parents_of(self.documents), *further)))
        self.configuration.load_project(folders)

    def _take_folders(self, uris: list[str]) -> None:
        paths = (to_path(uri) for uri in uris)
        self.workspace.folders = tuple(
            dict.fromkeys(path for path in paths if path is not None and path.is_absolute())
        )
        self._load_project()

    async def _arrange_sources(self) -> None:
        if self._sources is not None:
            await self._sources.arrange(self._settings(), self.workspace.folders)

    # --- what follows from settings ---------------------------------------------------------------------

    def _settings(self) -> Settings:
        return self.configuration.current

    def _configured(self, settings: Settings) -> None:
        _set_log_level(settings.log_level)
        self.worker.put(lambda pipeline: pipeline.configure(settings))
        self.consultant.configure(settings.model)
        if self._sources is not None:
            self._tell_status()
            self.observer.settings_changed()
            self.tasks.spawn(self._arrange_sources())
            self.hints.refresh()
            if settings.surfaces.code_lens:
                self._bind_lens(always=True)
            self._refresh_lenses()

    def _bind_lens(self, *, always: bool) -> None:
        if self._lens_registered:
            return
        dynamic = always and self.client.register_lens
        if always and not dynamic:
            return
        self._lens_registered = True
        server = self.language_server

        @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
        def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
            return self.lenses.of(params.text_document.uri)

        if dynamic:
            registration = types.Registration("proactive-lens", types.TEXT_DOCUMENT_CODE_LENS, {})
            self.tasks.spawn(server.client_register_capability_async(types.RegistrationParams([registration])))

    # --- the worker -------------------------------------------------------------------------------------

    def _build_pipeline(self) -> Pipeline:
        from proactive_inference.embedded import embedded_agent
        from proactive_server.pipeline import Pipeline
        from proactive_server.rehearsal import rehearse

        rehearse(embedded_agent())
        pipeline = Pipeline(
            self.documents,
            self.workspace.folders,
            self._settings(),
            self.clock,
            retention=self._retention,
            tell=lambda text: self._in_loop(lambda: self.configuration.report(text)),
        )
        self._deliver(pipeline.begin())
        return pipeline

    def _retention(self) -> Mapping[str | None, int]:
        return self.configuration.retention if self._settled else {}

    def _put(self, job: Callable[[Pipeline], object]) -> None:
        self.worker.put(job)
        self.progress.work_begins()
        if self.client.status:
            self.thinking.work_begins()

    async def _window(self) -> Window:
        """The last stretch of events, as the worker knows it."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Window] = loop.create_future()

        def job(pipeline: Pipeline) -> None:
            window = pipeline.window
            loop.call_soon_threadsafe(lambda: None if found.done() else found.set_result(window))

        self._put(job)
        return await found

    def _rested(self, seconds: float) -> None:
        """The worker has no more to do; called in its thread."""
        if seconds >= AFTER:
            self._in_loop(self.thinking.work_ends)

    def _deliver(self, outcome: Outcome) -> None:
        """Hand an outcome from the worker's thread to the loop."""
        self._in_loop(lambda: self._take(outcome))

    def _in_loop(self, call: Callable[[], None]) -> None:
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(call)
            except RuntimeError:  # the loop is closed: the server is about to end
                log.debug("the worker had something to say too late")

    def _take(self, outcome: Outcome) -> None:
        posted = self.feedback.take(outcome)
        self.consultant.follow(outcome.inquiry, outcome.wanted)
        self.observer.wake_at(outcome.wake_at)
        if posted is not None and self._settings().surfaces.notifications:
            self.tasks.spawn(self.feedback.ask(posted))
        self._tell_status()

    def _draw(self, uris: frozenset[str]) -> None:
        self.hints.refresh(uris)
        self._refresh_lenses()
        self._tell_status()

    def _refresh_lenses(self) -> None:
        if self._lens_registered and self.client.lens_refresh and self._settings().surfaces.code_lens:
            self.tasks.spawn(self.language_server.workspace_code_lens_refresh_async(None))

    def status(self) -> dict[str, Any]:
        """The answer to ``proactive/status``."""
        self.feedback.recheck()
        return self.glance.now(thinking=self.thinking.shown or self.consultant.busy)

    def _tell_status(self) -> None:
        """Tell a client that wants to know, if anything that it shows has changed."""
        if not self.client.status:
            return
        status = self.status()
        ids = [one["id"] for one in status["suggestions"]]
        model = status.get("model", {})
        shown = (status["state"], status["paused"], ids, status["snoozes"], model.get("state"))
        if shown != self._told:
            self._told = shown
            self.language_server.protocol.notify(STATUS_CHANGED, status)
        if self._status_alarm is not None and self._loop is not None:
            ends, left = self.glance.changes_at, 0.0
            if ends is not None:
                left = max(0.0, (ends - self.clock()).total_seconds())
            self._status_alarm.set(self._loop.time() + left if ends is not None else None)


def _set_log_level(level: LogLevel) -> None:
    logging.getLogger("proactive_server").setLevel(level.name)
    logging.getLogger("proactive_inference").setLevel(level.name)
    logging.getLogger("proactive_collectors").setLevel(level.name)

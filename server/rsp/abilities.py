"""Which of the optional abilities a target has."""

from __future__ import annotations

from dataclasses import dataclass

from .target import (
    BreakpointPrograms,
    Breakpoints,
    Detach,
    ExecFiles,
    HostInfo,
    Kill,
    MemoryMap,
    MemoryRegions,
    MemorySearch,
    ModelThreads,
    Monitor,
    ProcessNames,
    Restart,
    ReverseExecution,
    StopRequests,
    Syscalls,
    Target,
    ThreadEvents,
    Watchpoints,
)


@dataclass(frozen=True, slots=True)
class Abilities:
    """The optional abilities of one target; None for what it does not have."""

    stop_requests: StopRequests | None
    model_threads: ModelThreads | None
    process_names: ProcessNames | None
    thread_events: ThreadEvents | None
    host_info: HostInfo | None
    memory_regions: MemoryRegions | None
    breakpoints: Breakpoints | None
    breakpoint_programs: BreakpointPrograms | None
    watchpoints: Watchpoints | None
    syscalls: Syscalls | None
    reverse: ReverseExecution | None
    exec_files: ExecFiles | None
    memory_map: MemoryMap | None
    memory_search: MemorySearch | None
    monitor: Monitor | None
    kill: Kill | None
    detach: Detach | None
    restart: Restart | None

    @classmethod
    def of(cls, target: Target) -> Abilities:
        """Look once at what `target` implements."""
        return cls(
            stop_requests=target if isinstance(target, StopRequests) else None,
            model_threads=target if isinstance(target, ModelThreads) else None,
            process_names=target if isinstance(target, ProcessNames) else None,
            thread_events=target if isinstance(target, ThreadEvents) else None,
            host_info=target if isinstance(target, HostInfo) else None,
            memory_regions=target if isinstance(target, MemoryRegions) else None,
            breakpoints=target if isinstance(target, Breakpoints) else None,
            breakpoint_programs=target if isinstance(target, BreakpointPrograms) else None,
            watchpoints=target if isinstance(target, Watchpoints) else None,
            syscalls=target if isinstance(target, Syscalls) else None,
            reverse=target if isinstance(target, ReverseExecution) else None,
            exec_files=target if isinstance(target, ExecFiles) else None,
            memory_map=target if isinstance(target, MemoryMap) else None,
            memory_search=target if isinstance(target, MemorySearch) else None,
            monitor=target if isinstance(target, Monitor) else None,
            kill=target if isinstance(target, Kill) else None,
            detach=target if isinstance(target, Detach) else None,
            restart=target if isinstance(target, Restart) else None,
        )

from proactive_collectors.recorder import Recorder


def test_only_the_ends_of_the_output_are_kept() -> None:
    recorder = Recorder(head=4, tail=6)
    for piece in (b"ab", b"cdef", b"g", b"hijklm", b"nopqrstuvwxyz", b"", b"01"):
        recorder.add(piece)
    assert recorder.value().startswith(b"abcd\n")
    assert recorder.value().endswith(b"uvwxyz01")
    assert len(recorder.value()) <= 4 + 1 + 12
    short = Recorder(head=4, tail=6)
    short.add(b"abcdefghij")
    assert short.value() == b"abcdefghij"

namespace Engine.Server.Experiments;

/// <summary>
/// What the log of what was shown has lost, and whether it is well now. It is well again when its file takes lines and
/// no line was dropped for a minute: a disk that is too slow is not well between two drops.
/// </summary>
internal sealed class ShownLoss(TimeProvider time)
{
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _dropped;
    private DateTimeOffset? _since;
    private DateTimeOffset? _lastDrop;
    private string? _fault;
    private string _reason = "";

    /// <summary>Lines that were dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>
    /// What is wrong now and since when, for a person; null when all is well. The text stays the same as long as the
    /// reason does, so it holds no count.
    /// </summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
            {
                if (_fault is null && (_lastDrop is not { } last || time.GetUtcNow() - last >= Calm))
                {
                    (_since, _lastDrop) = (null, null);
                }

                return _since is not { } since ? null
                    : _lastDrop is null
                        ? FormattableString.Invariant($"the log of what experiments showed takes no lines since ")
                            + FormattableString.Invariant($"{since:u}: {_reason}. They wait in memory")
                    : FormattableString.Invariant($"replies since {since:u} are not in the log of what experiments ")
                        + $"showed: {_reason}. The metric engine_shown_dropped counts them";
            }
        }
    }

    /// <summary>The file takes no lines. They wait.</summary>
    public void Fail(string reason)
    {
        lock (_lock)
        {
            (_fault, _reason) = (reason, reason);
            _since ??= time.GetUtcNow();
        }
    }

    /// <summary>The file takes lines.</summary>
    public void Work()
    {
        if (Volatile.Read(ref _fault) is not null)
        {
            lock (_lock)
            {
                _fault = null;
            }
        }
    }

    /// <summary>Lines are lost.</summary>
    public void Drop(int lines, string reason)
    {
        Interlocked.Add(ref _dropped, lines);
        lock (_lock)
        {
            // Why the file takes none is why those that wait became too many.
            _reason = _fault ?? reason;
            _lastDrop = time.GetUtcNow();
            _since ??= _lastDrop;
        }
    }
}

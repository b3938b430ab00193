namespace Engine.Tables.Sql;

/// <summary>How rows are written into a database.</summary>
public sealed record SqlWriteOptions
{
    /// <summary>Connections that write at once, 1..16.</summary>
    public int Streams { get; init; } = 2;

    /// <summary>How often a statement is tried, 1..20.</summary>
    public int Attempts { get; init; } = Retry.DefaultAttempts;

    /// <summary>The clock: of pauses and of the staging tables' names.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gives up the writing; the old result stays.</summary>
    public CancellationToken Cancel { get; init; }
}

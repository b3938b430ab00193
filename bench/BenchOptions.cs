using System.CommandLine;

namespace Bench;

/// <summary>What the runners of searches share.</summary>
internal sealed class BenchOptions
{
    private readonly Option<FileInfo?> _items =
        new("--items") { Description = "Item factors: raw little-endian float32, row-major" };

    private readonly Option<FileInfo?> _users = new("--users") { Description = "User factors, the same form" };
    private readonly Option<int> _factors = new("--factors")
    {
        Description = "Floats of a row of the files",
        DefaultValueFactory = _ => 64,
    };
    private readonly Option<FileInfo?> _snapshot = new("--snapshot")
    {
        Description = "A snapshot, instead of --items and --users",
    };
    private readonly Option<int> _top = new("--top") { Description = "K", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _pool =
        new("--pool") { Description = "Share of the rows that are eligible, 0..1", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _replicate =
        new("--replicate") { Description = "Copies of the items, with jitter", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _queries =
        new("--queries") { Description = "Users (or items) that ask", DefaultValueFactory = _ => 2000 };

    private readonly Option<bool> _fileOrder =
        new("--file-order")
        {
            Description = "Leave users as they stand in the file, not in descending norm as in a snapshot",
        };

    /// <summary>A verb that runs <paramref name="run"/> with parsed values.</summary>
    public Command Verb(string name, string description, Action<Values> run)
    {
        var command = new Command(name, description)
        {
            _items, _users, _snapshot, _factors, _top, _threads, _pool, _replicate, _queries, _fileOrder,
        };
        command.SetAction(parsed => run(new(
            parsed.GetValue(_items)?.FullName,
            parsed.GetValue(_users)?.FullName,
            parsed.GetValue(_snapshot)?.FullName,
            parsed.GetRequiredValue(_factors),
            parsed.GetRequiredValue(_top),
            parsed.GetRequiredValue(_threads),
            parsed.GetRequiredValue(_pool),
            parsed.GetRequiredValue(_replicate),
            parsed.GetRequiredValue(_queries),
            parsed.GetValue(_fileOrder))));
        return command;
    }

    /// <summary>Parsed values.</summary>
    internal sealed record Values(
        string? Items, string? Users, string? Snapshot, int Factors, int Top, int Threads, double Pool, int Replicate,
        int Queries, bool FileOrder);
}

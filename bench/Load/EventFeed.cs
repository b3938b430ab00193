using System.Diagnostics;
using System.Globalization;
using Engine;

namespace Bench.Load;

/// <summary>
/// Events beside the calls, from a process of its own that yields its core to any other (SCHED_IDLE): whoever sends
/// events is on another machine, and what is measured is what they cost the engine's answers.
/// </summary>
internal sealed class EventFeed : IDisposable
{
    private readonly Process _sender;

    private EventFeed(Process sender) => _sender = sender;

    /// <summary>Rows that were acknowledged.</summary>
    public long Accepted { get; private set; }

    /// <summary>Seconds of all slices.</summary>
    public double Seconds { get; private set; }

    /// <summary>Starts the process, with the arguments of this one.</summary>
    /// <exception cref="InputException">It ended.</exception>
    public static async Task<EventFeed> Start()
    {
        string[] arguments =
        [
            "--idle", "0", "dotnet", typeof(EventFeed).Assembly.Location, .. Environment.GetCommandLineArgs()[1..],
            LoadCommand.FeedName,
        ];
        var feed = new EventFeed(Process.Start(
            new ProcessStartInfo("chrt", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        await feed.Answer();
        return feed;
    }

    /// <summary>Sends while a slice runs.</summary>
    public async Task Beside(Task slice)
    {
        await _sender.StandardInput.WriteLineAsync("go");
        await slice;
        await _sender.StandardInput.WriteLineAsync("end");
        var words = (await Answer()).Split(' ');
        Accepted += long.Parse(words[0], CultureInfo.InvariantCulture);
        Seconds += double.Parse(words[1], CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.StandardInput.Close();
        _sender.Dispose();
    }

    private async Task<string> Answer() => await _sender.StandardOutput.ReadLineAsync()
        ?? throw new InputException("the process that sends the events has ended. Read its message above");
}

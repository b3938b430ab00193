using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>How much the engine is asked, how fast it answers, and what it refuses.</summary>
internal static class Traffic
{
    /// <summary>Where it is.</summary>
    public const string Path = "/traffic";

    /// <summary>The minutes to choose from.</summary>
    public static readonly IReadOnlyList<int> Choices = [5, 15, 60];

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, async (EngineCalls calls, int? minutes) =>
    {
        var chosen = Choices.Contains(minutes ?? 0) ? minutes!.Value : Choices[0];
        return Page.Of<TrafficPage>(new TrafficFacts(chosen, await calls.Admin.DescribeTrafficAsync(
            new DescribeTrafficRequest { Minutes = chosen }, cancellationToken: calls.Cancellation)));
    });
}

/// <summary>What the page shows.</summary>
/// <param name="Minutes">The chosen ones.</param>
/// <param name="Reply">The engine's answer.</param>
public sealed record TrafficFacts(int Minutes, DescribeTrafficReply Reply)
{
    private static readonly string[] Refusals = ["ResourceExhausted", "PermissionDenied", "Unauthenticated"];
    private static readonly string[] Failures = ["Internal", "Unavailable", "Unknown", "DataLoss", "DeadlineExceeded"];

    /// <summary>Calls that the engine turned away: too many, or without the right.</summary>
    public static long Refused(CallTraffic call) => Sum(call, Refusals);

    /// <summary>Calls that the engine failed to answer.</summary>
    public static long Failed(CallTraffic call) => Sum(call, Failures);

    /// <summary>Calls that were wrong, or that their caller left.</summary>
    public static long Wrong(CallTraffic call) =>
        call.Calls - Sum(call, ["OK"]) - Refused(call) - Failed(call);

    /// <summary>Of each minute, all calls, oldest first.</summary>
    public IReadOnlyList<long> ByMinute =>
        [.. Enumerable.Range(0, Minutes).Select(minute => Reply.Calls.Sum(call => call.MinuteCalls[minute]))];

    private static long Sum(CallTraffic call, string[] statuses) =>
        call.Statuses.Where(one => statuses.Contains(one.Status)).Sum(one => one.Calls);
}

using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using Engine.Server.Configuration;
using Grpc.Core;
using Microsoft.AspNetCore.RateLimiting;

namespace Engine.Server.Access;

/// <summary>
/// How many calls of a kind one key may begin each second, and may have open at once. The keys of one name count
/// together, so rotation gives nobody more, and so do the tokens of one subject. Heavy calls have limits of their own:
/// they take nothing from cheap ones.
/// </summary>
internal static class KeyRates
{
    private const int PeriodsPerSecond = 10;
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1);

    /// <summary>Sets up the limits.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The limiters live as long as the server.")]
    public static void Configure(RateLimiterOptions limiter, AccessOptions options)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, Limited>(http => KeyOf(http) is { } key
                ? RateLimitPartition.GetTokenBucketLimiter(
                    key, of => Bucket(of.Kind == CallKind.Heavy ? options.HeavyPerSecond : options.CheapPerSecond))
                : RateLimitPartition.GetNoLimiter(default(Limited))),
            PartitionedRateLimiter.Create<HttpContext, Limited>(http => KeyOf(http) is { } key
                ? RateLimitPartition.GetConcurrencyLimiter(
                    key,
                    of => new ConcurrencyLimiterOptions
                    {
                        PermitLimit = of.Kind == CallKind.Heavy ? options.HeavyAtOnce : options.CheapAtOnce,
                    })
                : RateLimitPartition.GetNoLimiter(default(Limited))));
        limiter.OnRejected = (rejected, _) =>
        {
            var http = rejected.HttpContext;
            var (name, _, kind) = KeyOf(http)!.Value;
            var (rate, open) = kind == CallKind.Heavy
                ? (options.HeavyPerSecond, options.HeavyAtOnce)
                : (options.CheapPerSecond, options.CheapAtOnce);
            var isRate = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
            var word = kind == CallKind.Heavy ? "heavy" : "cheap";
            var reason = isRate
                ? $"at most {rate} {word} calls a second (--{word}-per-second)"
                : $"at most {open} {word} calls at once (--{word}-at-once)";
            return new ValueTask(http.RequestServices.GetRequiredService<Refusal>().Write(
                http,
                StatusCode.ResourceExhausted,
                $"key '{name}' may make {reason}. Wait and try again",
                StatusCodes.Status429TooManyRequests,
                isRate ? wait : Busy));
        };
    }

    private static Limited? KeyOf(HttpContext http) =>
        Caller.Of(http) is { } caller && AccessTable.Of(http) is { Scope: not Scopes.None } rule
            ? new Limited(caller.Name, caller.HasToken, rule.Kind)
            : null;

    // A burst of one second; tokens come back about ten times a second, and few ones come back one by one. They are
    // whole, so the period is what makes the rate exact.
    internal static TokenBucketRateLimiterOptions Bucket(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / PeriodsPerSecond);
        return new()
        {
            TokenLimit = perSecond,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = 0,
            AutoReplenishment = true,
        };
    }

    // A key and a token of the same name are two callers.
    private readonly record struct Limited(string Name, bool HasToken, CallKind Kind);
}

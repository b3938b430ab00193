namespace Engine.Client;

/// <summary>Where the engines are, who calls, and how long and how often. Checked when the client is made.</summary>
public sealed class EngineClientOptions
{
    /// <summary>
    /// One or more addresses of engines, all https://HOST:PORT or all http://HOST:PORT. Without encryption a key is
    /// sent to loopback addresses only.
    /// </summary>
    public IReadOnlyList<string> Addresses { get; init; } = ["http://127.0.0.1:50051"];

    /// <summary>
    /// The host of the one address stands for all addresses that DNS has for it, as for a headless service of
    /// Kubernetes. They are asked for again every <see cref="DnsRefresh"/> and when a connection is lost.
    /// </summary>
    public bool UseDns { get; init; }

    /// <summary>With <see cref="UseDns"/>; at least a second.</summary>
    public TimeSpan DnsRefresh { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sent as 'authorization: Bearer KEY'; empty when the engines need none.</summary>
    public string Key { get; init; } = "";

    /// <summary>
    /// A PEM file with the certificates of your own authority: only what they signed is trusted. Empty: the system's.
    /// </summary>
    public string Authority { get; init; } = "";

    /// <summary>A PEM file with the client's certificate; empty when the engines ask for none.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>A PEM file with the key of <see cref="Certificate"/>.</summary>
    public string CertificateKey { get; init; } = "";

    /// <summary>Of a unary call that brings no deadline of its own, retries included. Streams have none.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a call that is safe to repeat is sent at most: 1 to 5.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>
    /// Retries and hedges stop when so many more calls failed than <see cref="SuccessesPerRetry"/> successes pay for,
    /// so that retries never become the load: 1 to 500.
    /// </summary>
    public int RetryBudget { get; init; } = 10;

    /// <summary>Successful calls that pay for one more retry: 1 to 1000.</summary>
    public int SuccessesPerRetry { get; init; } = 10;

    /// <summary>
    /// Sends a read that has no answer after so long to the next engine, too, and takes the first answer: the 95th
    /// percentile of your calls, for example. Null: never.
    /// </summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>
    /// An engine gets a user's calls while it has less than so many times the mean of open calls; else the user's next
    /// engine does: 1 to 10.
    /// </summary>
    public double LoadFactor { get; init; } = 1.25;

    /// <summary>Open calls that an engine may have whatever the others have: 1 to 100000.</summary>
    public int LeastOpenCalls { get; init; } = 16;

    /// <summary>
    /// What happens when every engine answers from an older snapshot than this client has seen, as after a rollback.
    /// False: the client follows. True: the call fails with UNAVAILABLE.
    /// </summary>
    public bool RefuseOlder { get; init; }

    /// <summary>The longest wait before a lost address is tried again; it doubles up to this from one second.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Put around the connections; tests count what is sent.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler> Around { get; init; } = static connections => connections;

    internal bool IsEncrypted => Addresses[0].StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">The first option that is out of its range.</exception>
    internal IReadOnlyList<Uri> Check()
    {
        Expect(Addresses.Count > 0, nameof(Addresses), 0, "at least one address");
        var uris = Addresses.Select(Parse).ToArray();
        Expect(
            uris.All(uri => uri.Scheme == uris[0].Scheme), nameof(Addresses), "http and https", "one of both for all");
        Expect(!UseDns || uris.Length == 1, nameof(Addresses), uris.Length, "one address with UseDns");
        Expect(
            Key.Length == 0 || IsEncrypted || uris.All(uri => uri.IsLoopback),
            nameof(Addresses),
            "http, where everybody on the way reads the key",
            "https, or loopback");
        Expect(IsEncrypted || Authority.Length + Certificate.Length == 0, nameof(Addresses), "http", "https for TLS");
        Expect(Deadline > TimeSpan.Zero, nameof(Deadline), Deadline, "more than 0");
        Expect(DnsRefresh >= TimeSpan.FromSeconds(1), nameof(DnsRefresh), DnsRefresh, "at least a second");
        Expect(Attempts is >= 1 and <= 5, nameof(Attempts), Attempts, "1 to 5");
        Expect(RetryBudget is >= 1 and <= 500, nameof(RetryBudget), RetryBudget, "1 to 500");
        Expect(SuccessesPerRetry is >= 1 and <= 1000, nameof(SuccessesPerRetry), SuccessesPerRetry, "1 to 1000");
        Expect(HedgeAfter is null || HedgeAfter > TimeSpan.Zero, nameof(HedgeAfter), HedgeAfter, "more than 0");
        Expect(LoadFactor is >= 1 and <= 10, nameof(LoadFactor), LoadFactor, "1 to 10");
        Expect(LeastOpenCalls is >= 1 and <= 100_000, nameof(LeastOpenCalls), LeastOpenCalls, "1 to 100000");
        Expect(LongestBackoff >= TimeSpan.FromSeconds(1), nameof(LongestBackoff), LongestBackoff, "at least a second");
        return uris;
    }

    private static Uri Parse(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", PathAndQuery: "/" }
            ? uri
            : throw new ArgumentException($"found address '{address}'; expected http://HOST:PORT or https://HOST:PORT");

    private static void Expect(bool holds, string name, object? found, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"found {name} = {found}; expected {expected}"));
        }
    }
}

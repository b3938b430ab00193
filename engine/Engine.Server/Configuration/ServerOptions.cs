using System.ComponentModel.DataAnnotations;

namespace Engine.Server.Configuration;

/// <summary>
/// All settings of the server; checked before anything starts. Each property is a <see cref="Setting"/>.
/// </summary>
internal sealed class ServerOptions
{
    /// <summary>The default endpoints: two loopback ports.</summary>
    public const string DefaultUrls = "grpc://127.0.0.1:50051;http://127.0.0.1:8080";

    [Required]
    [Setting("The folder with WORKSPACE/CURRENT. It may be empty until a snapshot is published.")]
    public string Snapshots { get; set; } = "";

    [Required]
    [Setting(
        "grpc://ADDRESS:PORT (cleartext HTTP/2), http://ADDRESS:PORT (HTTP/1.1 with JSON) and https://ADDRESS:PORT "
        + "(both, encrypted), separated by ';'. Port 0 takes a free one.")]
    public string Urls { get; set; } = DefaultUrls;

    [Setting(
        "console://ADDRESS:PORT of the console for browsers, encrypted when `tls_certificate` is set. Port 0 takes a "
        + "free one. Without it, there is no console.")]
    public string Console { get; set; } = "";

    [Setting("The file of the cluster that this engine is a node of (cluster.json). Without it, it serves alone.")]
    public string Cluster { get; set; } = "";

    [Range(50, 3_600_000)]
    [Setting("Milliseconds between two checks of CURRENT.")]
    public int PollMilliseconds { get; set; } = 1_000;

    // The default is 1 TiB: the page cache decides. A next snapshot that does not fit is refused before it is mapped.
    [Range(1, 16_777_216)]
    [Setting("MiB of the served and the next snapshot of a workspace together.")]
    public int ServedMebibytes { get; set; } = 1_048_576;

    [Range(0, 16_777_216)]
    [Setting(
        "MiB of other snapshots of a workspace, kept open for requests that name them. "
        + "0 answers from the served snapshot only.")]
    public int NamedMebibytes { get; set; } = 4_096;

    [Range(1, 1_024)]
    [Setting("MiB of one request message, for calls that take long lists of ids.")]
    public int RequestMebibytes { get; set; } = 64;

    [Range(0, 3_600)]
    [Setting(
        "Seconds between the signal to stop, when /readyz begins to say no, and the end of the open connections. "
        + "Load balancers need them to go elsewhere.")]
    public int DrainSeconds { get; set; }

    [Range(0, 3_600)]
    [Setting("Seconds that open calls may take when the server stops, after `drain_seconds`.")]
    public int StopSeconds { get; set; } = 10;

    [Range(1, 64)]
    [Setting("Tasks that run at the same time; the others wait.")]
    public int Tasks { get; set; } = 2;

    [Range(1, 1_024)]
    [Setting("Low-priority threads of each running task.", Default = "one per core")]
    public int TaskThreads { get; set; } = Environment.ProcessorCount;

    [Setting("A folder of source files, NAME.json: the databases that tasks may write results to.")]
    public string Sources { get; set; } = "";

    [Setting("A folder of mapping files, NAME.json, and of extracts: the data that the lift of tasks is measured on.")]
    public string Datasets { get; set; } = "";

    [Setting(
        "A JSON file with the owners of the buckets of users, for engines that serve shards. With it, an engine "
        + "answers for all of them.")]
    public string Owners { get; set; } = "";

    [Setting("How each event of the log is written: as a line of text, or as a JSON document on a line.")]
    public LogFormat LogFormat { get; set; }

    [Setting("Where metrics and traces are sent to by OTLP, for example http://127.0.0.1:4317. Without it, nowhere.")]
    public string OtlpEndpoint { get; set; } = "";

    [Setting("The protocol of `otlp_endpoint`: gRPC, or protobuf over HTTP/1.1.")]
    public OtlpProtocol OtlpProtocol { get; set; }

    [Range(0, 100)]
    [Setting(
        "Percent of the requests that are traced when `otlp_endpoint` is set. A caller's own decision comes first.")]
    public int TracePercent { get; set; } = 1;

    /// <summary>Who gets in, and how.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>Bounds of the work that callers can cause.</summary>
    public CallLimits Limits { get; set; } = new();

    /// <summary>What is kept of what grows.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Checks every setting, and those that need each other.</summary>
    /// <exception cref="InputException">The first that is missing or out of its range.</exception>
    public void Validate()
    {
        foreach (var setting in Setting.All)
        {
            var value = setting.Get(this);
            if (setting.IsRequired && value is "")
            {
                throw new InputException($"{setting.Option} is missing");
            }

            if (!setting.Holds(value))
            {
                throw new InputException($"found {setting.Option} {value}; expected {setting.Expected}");
            }
        }

        if (Conflicts().FirstOrDefault() is { } conflict)
        {
            throw new InputException(conflict);
        }
    }

    /// <summary>What no range tells: texts of another form, and settings that lack one that they need.</summary>
    public IEnumerable<string> Conflicts()
    {
        if (OtlpEndpoint.Length > 0
            && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var otlp) && otlp.Scheme is "http" or "https"))
        {
            yield return $"found --otlp-endpoint '{OtlpEndpoint}'; expected http://HOST:PORT or https://HOST:PORT";
        }

        if (Access.JwtKeys.Length > 0 && (Access.JwtIssuer.Length == 0 || Access.JwtAudience.Length == 0))
        {
            yield return
                "--jwt-keys needs --jwt-issuer and --jwt-audience: a token for somebody else must not open the engine";
        }
    }
}

using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace Engine.Server.Configuration;

/// <summary>All settings of the server, from the command line; checked before anything starts.</summary>
internal sealed class ServerOptions
{
    /// <summary>The default endpoints: two loopback ports.</summary>
    public const string DefaultUrls = "grpc://127.0.0.1:50051;http://127.0.0.1:8080";

    /// <summary>
    /// The root folder: ROOT/WORKSPACE/CURRENT and ROOT/WORKSPACE/ID.snapshot. Required; it may be empty.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public string Snapshots { get; set; } = "";

    /// <summary>
    /// Endpoints, separated by ';': <c>grpc://HOST:PORT</c> is cleartext HTTP/2, <c>http://HOST:PORT</c> HTTP/1.1 with
    /// JSON, <c>https://HOST:PORT</c> both, encrypted.
    /// HOST is an address or localhost; port 0 takes a free one. Default: <see cref="DefaultUrls"/>.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public string Urls { get; set; } = DefaultUrls;

    /// <summary>Milliseconds between two checks of CURRENT. Range 50..3,600,000, default 1,000.</summary>
    [Range(50, 3_600_000)]
    public int PollMilliseconds { get; set; } = 1_000;

    /// <summary>
    /// Mebibytes of snapshot files that may be mapped at once in one workspace: the served one and the next one, which
    /// is refused before it is mapped when both do not fit. Range 1..16,777,216, default 1,048,576 (1 TiB: the page
    /// cache decides).
    /// </summary>
    [Range(1, 16_777_216)]
    public int ServedMebibytes { get; set; } = 1_048_576;

    /// <summary>
    /// Mebibytes of snapshot files kept open in one workspace for requests that name a snapshot other than the served
    /// one. Range 0..16,777,216, default 4,096; 0 answers from the served snapshot only.
    /// </summary>
    [Range(0, 16_777_216)]
    public int NamedMebibytes { get; set; } = 4_096;

    /// <summary>Mebibytes of one request message, for long id lists. Range 1..1,024, default 64.</summary>
    [Range(1, 1_024)]
    public int RequestMebibytes { get; set; } = 64;

    /// <summary>Seconds that open calls get to end when the server stops. Range 0..3,600, default 10.</summary>
    [Range(0, 3_600)]
    public int StopSeconds { get; set; } = 10;

    /// <summary>
    /// Tasks that run at once; the others wait in order. Range 1..64, default 2: a short one need not wait for a long
    /// one.
    /// </summary>
    [Range(1, 64)]
    public int Tasks { get; set; } = 2;

    /// <summary>
    /// Threads of each running task; they have low priority. Range 1..1,024, default: one per core.
    /// </summary>
    [Range(1, 1_024)]
    public int TaskThreads { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// The folder of source files, NAME.json, that tasks may write results into. Empty, the default: none.
    /// </summary>
    public string Sources { get; set; } = "";

    /// <summary>Who gets in, and how.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>
    /// The folder of mapping files, NAME.json, and of extracts, that lift is measured on. Empty, the default: none.
    /// </summary>
    public string Datasets { get; set; } = "";

    /// <summary>Bounds of the work that callers can cause.</summary>
    public CallLimits Limits { get; set; } = new();

    /// <summary>Checks every property.</summary>
    /// <exception cref="InputException">The first that is out of its range.</exception>
    public void Validate()
    {
        Check(this);
        Check(Access);
        if (Access.JwtKeys.Length > 0 && (Access.JwtIssuer.Length == 0 || Access.JwtAudience.Length == 0))
        {
            throw new InputException(
                "--jwt-keys needs --jwt-issuer and --jwt-audience: a token for somebody else must not open the engine");
        }
    }

    private static void Check(object options)
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(
            options, new ValidationContext(options), problems, validateAllProperties: true))
        {
            var property = options.GetType().GetProperty(problems[0].MemberNames.First())!;
            var option = "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name);
            throw new InputException(property.GetCustomAttribute<RangeAttribute>() is { } range
                ? $"found {option} {property.GetValue(options)}; expected {range.Minimum} to {range.Maximum}"
                : $"{option} is missing");
        }
    }
}

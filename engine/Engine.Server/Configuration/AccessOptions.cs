using System.ComponentModel.DataAnnotations;

namespace Engine.Server.Configuration;

/// <summary>
/// Who gets in, and how: the settings of `serve` about encryption, keys, tokens, browsers and limits.
/// </summary>
internal sealed class AccessOptions
{
    /// <summary>
    /// The certificate of https:// addresses: PEM with its chain, or PFX. Read again when it changes.
    /// </summary>
    public string TlsCertificate { get; set; } = "";

    /// <summary>The private key of a PEM certificate; empty when it is in the same file.</summary>
    public string TlsKey { get; set; } = "";

    /// <summary>A file with the password of the PFX; empty when it has none.</summary>
    public string TlsPasswordFile { get; set; } = "";

    /// <summary>
    /// PEM certificates of the authorities whose clients may connect; empty asks clients for no certificate.
    /// </summary>
    public string TlsClientAuthority { get; set; } = "";

    /// <summary>
    /// Allows cleartext on addresses that are not loopback: something in front of the engine encrypts.
    /// </summary>
    public bool AllowCleartext { get; set; }

    /// <summary>
    /// Allows addresses that are not loopback without keys: something in front of the engine decides who gets in.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>The file of keys; empty means .access/keys.json below the snapshot root.</summary>
    public string Keys { get; set; } = "";

    /// <summary>A JSON Web Key Set that signs tokens; empty accepts no tokens. Read again when it changes.</summary>
    public string JwtKeys { get; set; } = "";

    /// <summary>The issuer that tokens must have.</summary>
    public string JwtIssuer { get; set; } = "";

    /// <summary>The audience that tokens must have.</summary>
    public string JwtAudience { get; set; } = "";

    /// <summary>The claim that holds the scopes, separated by spaces or as an array.</summary>
    [Required]
    public string JwtScopeClaim { get; set; } = "scope";

    /// <summary>
    /// Host names that requests may carry beside localhost and IP addresses; *.NAME covers subdomains, * all.
    /// </summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>Origins whose pages may call the engine from a browser, for example https://shop.example.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Tables that tasks may write into, each as SOURCE/TABLE.</summary>
    public string[] WritableTables { get; set; } = [];

    /// <summary>Cheap calls per second and key. Range 1..1,000,000, default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int CheapPerSecond { get; set; } = 5_000;

    /// <summary>Cheap calls of a key at once. Range 1..100,000, default 256.</summary>
    [Range(1, 100_000)]
    public int CheapAtOnce { get; set; } = 256;

    /// <summary>Heavy calls per second and key. Range 1..1,000,000, default 20.</summary>
    [Range(1, 1_000_000)]
    public int HeavyPerSecond { get; set; } = 20;

    /// <summary>Heavy calls of a key at once. Range 1..100,000, default 4.</summary>
    [Range(1, 100_000)]
    public int HeavyAtOnce { get; set; } = 4;

    /// <summary>Mebibytes of one file of the audit log. Range 1..1,024, default 16.</summary>
    [Range(1, 1_024)]
    public int AuditMebibytes { get; set; } = 16;

    /// <summary>Files of the audit log that are kept. Range 1..10,000, default 20.</summary>
    [Range(1, 10_000)]
    public int AuditFiles { get; set; } = 20;
}

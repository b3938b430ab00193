using System.Net;

namespace Engine.Cluster.Configuration;

/// <summary>
/// What cluster.json says: the cluster, this node, and the database that joins them. Read by <see cref="ClusterFile"/>.
/// </summary>
public sealed record ClusterSettings
{
    /// <summary>The name of the cluster: letters, digits, '-' and '_'. Equal on all of its nodes.</summary>
    public required string Cluster { get; init; }

    /// <summary>The name of this node, in the same letters. Different on each node; kept over restarts.</summary>
    public string Node { get; init; } = "";

    /// <summary>The environment variable with <see cref="Node"/>, for files that several nodes share.</summary>
    public string NodeEnv { get; init; } = "";

    /// <summary>A source file of kind mysql: MariaDB or MySQL. Relative to cluster.json.</summary>
    public required string Database { get; init; }

    /// <summary>The IP address at which the other nodes reach this one.</summary>
    public string Address { get; init; } = "";

    /// <summary>The environment variable with <see cref="Address"/>.</summary>
    public string AddressEnv { get; init; } = "";

    /// <summary>The port of the membership, 1..65535.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>The port at which the other nodes fetch snapshots of this one, 1..65535.</summary>
    public int PeerPort { get; init; } = 11112;

    /// <summary>
    /// A folder that all nodes see: snapshots published there are served, and results of tasks are made there by all
    /// nodes. Empty for none. Relative to cluster.json.
    /// </summary>
    public string Shared { get; init; } = "";

    /// <summary>Seconds until the part of a task that a dead node worked on is another one's, 5..600.</summary>
    public int LeaseSeconds { get; init; } = 15;

    /// <summary>Seconds between two probes of a node by another one, 1..60.</summary>
    public int ProbeSeconds { get; init; } = 5;

    /// <summary>Probes in a row that a node must miss before another one votes it dead, 1..10.</summary>
    public int MissedProbes { get; init; } = 3;

    /// <summary>Votes that declare a node dead, 1..10. Fewer nodes than that vote with all of them.</summary>
    public int Votes { get; init; } = 2;

    /// <summary>Milliseconds between two looks at the database, 50..5000.</summary>
    public int PollMilliseconds { get; init; } = 250;

    /// <summary>Where the other nodes fetch snapshots of this one.</summary>
    internal string Peer => new UriBuilder("http", Address, PeerPort).ToString();

    /// <summary><see cref="Address"/> as an address.</summary>
    internal IPAddress Ip => IPAddress.Parse(Address);
}

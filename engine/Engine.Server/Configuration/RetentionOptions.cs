using System.ComponentModel.DataAnnotations;

namespace Engine.Server.Configuration;

/// <summary>How much is kept of what grows in each workspace. 0 keeps all. Logs: see `audit_files`.</summary>
internal sealed class RetentionOptions
{
    [Range(0, 1_000_000)]
    [Setting(
        "Published snapshots that are kept of a workspace, the latest ones; 0 keeps all. The served one, the rollback "
        + "target, the last one that passed the policy and those of unfinished tasks always stay.")]
    public int KeptSnapshots { get; set; }

    [Range(0, 16_777_216)]
    [Setting("MiB of the published snapshots that are kept of a workspace; 0 keeps all.")]
    public int KeptSnapshotMebibytes { get; set; }

    [Range(0, 1_000_000)]
    [Setting("Ended tasks that are kept of a workspace with their results, the latest ones; 0 keeps all.")]
    public int KeptTasks { get; set; }

    [Range(0, 16_777_216)]
    [Setting("MiB of the ended tasks that are kept of a workspace with their results; 0 keeps all.")]
    public int KeptTaskMebibytes { get; set; }

    [Range(1, 10_080)]
    [Setting("Minutes between two sweeps, which delete what is beyond the `kept_` settings.")]
    public int SweepMinutes { get; set; } = 60;

    /// <summary>Whether anything is ever deleted.</summary>
    public bool IsBounded => KeptSnapshots > 0 || KeptSnapshotMebibytes > 0 || KeptTasks > 0 || KeptTaskMebibytes > 0;

    /// <summary>A setting as a bound: 0 is none.</summary>
    public static int Count(int kept) => kept == 0 ? int.MaxValue : kept;

    /// <summary>The same in bytes.</summary>
    public static long Bytes(int mebibytes) => mebibytes == 0 ? long.MaxValue : (long)mebibytes << 20;
}

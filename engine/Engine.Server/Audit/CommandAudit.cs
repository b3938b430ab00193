using Engine.Server.Errors;
using Engine.Snapshots;

namespace Engine.Server.Audit;

/// <summary>The audit log of commands and of the retention: the same two lines.</summary>
internal static class CommandAudit
{
    /// <summary>Runs a changing command.</summary>
    /// <param name="root">The snapshot root.</param>
    /// <param name="command">As it was typed, without its options.</param>
    /// <param name="workspace">Where; empty for what belongs to no workspace.</param>
    /// <param name="subject">What is changed.</param>
    /// <param name="state">How it stands; asked before and after.</param>
    /// <param name="change">Changes it.</param>
    /// <param name="who">Who changes it; null for the user of the system.</param>
    /// <param name="makesFolder">Whether the command makes the folders, so that they need not be there.</param>
    /// <exception cref="InputException">The root or the workspace is not there; nothing was made.</exception>
    /// <exception cref="AuditException">The log cannot be written; nothing was changed.</exception>
    public static T Run<T>(
        string root,
        string command,
        string workspace,
        string subject,
        Func<string> state,
        Func<T> change,
        string? who = null,
        bool makesFolder = false)
    {
        if (!makesFolder)
        {
            _ = SnapshotDirectory.ExistingRoot(root);
            _ = workspace.Length == 0 ? null : new SnapshotDirectory(root, workspace).Existing();
        }

        var defaults = new Configuration.AccessOptions();
        var log = new AuditLog(root, (long)defaults.AuditMebibytes << 20, defaults.AuditFiles);
        var id = Guid.NewGuid().ToString("N");
        log.Append(new AuditLine(TimeProvider.System.GetUtcNow(), id)
        {
            Who = who ?? $"command line ({Environment.UserName})",
            Call = command,
            Workspace = workspace,
            Object = subject,
            Before = Safe(state),
        });
        var result = "failed";
        try
        {
            var value = change();
            result = "OK";
            return value;
        }
        finally
        {
            End(log, new AuditLine(TimeProvider.System.GetUtcNow(), id) { Result = result, After = Safe(state) });
        }
    }

    private static void End(AuditLog log, AuditLine line)
    {
        try
        {
            log.Append(line);
        }
        catch (AuditException e)
        {
            Console.Error.WriteLine(
                $"warning: the end of this change is not in the audit log: {e.InnerException?.Message}");
        }
    }

    private static string Safe(Func<string> state)
    {
        try
        {
            return state();
        }
        catch (InputException)
        {
            return "absent";
        }
    }
}

using Engine.Server.Catalog;
using System.CommandLine;
using Engine.Server.Audit;
using Engine.Server.Forgetting;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;

namespace Engine.Server.Commands;

/// <summary>forget: makes a person unknown in a workspace. Running engines follow within their poll period.</summary>
internal static class ForgetCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var root = new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true };
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace.",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        };
        var user = new Option<string>("--user")
        {
            Description = "The id of the person, as in the behavior table.",
            Required = true,
        };
        var json = JsonOutput.Option();
        var command = new Command(
            "forget",
            "Forget a person: unknown to every call, out of audiences and results, left out of the next training.")
        {
            root,
            workspace,
            user,
            json,
        };
        command.SetAction(parsed =>
        {
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace));
            var id = parsed.GetRequiredValue(user);
            var forgotten = CommandAudit.Run(
                parsed.GetRequiredValue(root),
                "forget",
                directory.Workspace,
                "a person",
                () => $"{ForgottenUsers.Read(directory.Path).Count} people forgotten",
                () => Erasure.Run(new WorkspaceCatalog(directory.Path), id));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(forgotten));
                return;
            }

            Console.WriteLine(
                $"Forgotten as {forgotten.Hash}: taken out of {forgotten.Audiences} audiences, "
                + $"{forgotten.TaskAudiences} audiences of tasks, and {forgotten.Rows} rows of "
                + $"{forgotten.Results} results.");
            Console.WriteLine(
                "Published snapshots still hold the id and its behavior: train again, then delete the old ones with "
                + "`engine snapshots prune`.");
        });
        return command;
    }
}

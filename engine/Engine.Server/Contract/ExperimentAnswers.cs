using Engine.Campaigns.Experiments;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Experiments;
using Engine.Snapshots.Manifest;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Experiments in the terms of the contract, and what they do to RecommendPlacement.</summary>
internal static class ExperimentAnswers
{
    /// <summary>Checks an experiment and saves it, unless the request only checks.</summary>
    /// <exception cref="InputException">It is malformed, or what an arm shows does not exist.</exception>
    public static Proto.Experiment Save(WorkspaceCatalog catalog, Proto.SaveExperimentRequest request)
    {
        var experiment = request.Experiment ?? throw new FieldException("experiment", "experiment is missing");
        NamedFiles.Check("experiment", experiment.Name);
        var definition = new ExperimentDefinition(experiment.Name)
        {
            Arms =
            [
                .. experiment.Arms.Select(arm =>
                    new ExperimentArm(arm.Name, arm.Placement, arm.SnapshotId, arm.Share)),
            ],
        };
        definition.Check();
        for (var i = 0; i < definition.Arms.Count; i++)
        {
            var arm = definition.Arms[i];
            catalog.Placements.Get(arm.Placement);
            if (arm.SnapshotId.Length > 0 && !IsPublished(catalog.Folder, arm.SnapshotId))
            {
                throw new FieldException(
                    $"arms[{i}].snapshot_id",
                    $"found arms[{i}].snapshot_id = '{arm.SnapshotId}', "
                    + "expected a published snapshot of the workspace");
            }
        }

        long? expected = request.HasExpectedVersion ? request.ExpectedVersion : null;
        return ToProto(request.ValidateOnly
            ? catalog.Experiments.Check(definition, expected)
            : catalog.Experiments.Save(definition, expected));
    }

    // As requests name it: of a shard, the whole snapshot.
    private static bool IsPublished(string folder, string snapshotId) =>
        Directory.EnumerateFiles(folder, "*.snapshot").Select(file => Path.GetFileNameWithoutExtension(file))
            .Any(id => id == snapshotId || ShardTerms.IsShardOf(id, snapshotId));

    /// <summary>In the terms of the contract.</summary>
    public static Proto.Experiment ToProto(ExperimentDefinition definition) => new()
    {
        Name = definition.Name,
        Version = definition.Version,
        Arms =
        {
            definition.Arms.Select(arm => new Proto.ExperimentArm
            {
                Name = arm.Name,
                Placement = arm.Placement,
                SnapshotId = arm.SnapshotId,
                Share = arm.Share,
            }),
        },
    };

    /// <summary>Gives a request that names an experiment what the user's arm shows.</summary>
    /// <param name="catalog">Of its workspace.</param>
    /// <param name="request">Changed: the fields of the arm take the place of the experiment.</param>
    /// <returns>The experiment and the arm; null for a request without one.</returns>
    /// <exception cref="InputException">There is no such experiment, or the request names other things too.</exception>
    public static (ExperimentDefinition Experiment, ExperimentArm Arm)? Assign(
        WorkspaceCatalog catalog, Proto.RecommendPlacementRequest request)
    {
        if (request.Experiment.Length == 0)
        {
            return null;
        }

        if (request.Placement.Length > 0 || request.Trial is not null || request.SnapshotId.Length > 0)
        {
            throw new FieldException(
                "experiment", "found experiment beside placement, trial or snapshot_id, expected it alone");
        }

        var experiment = catalog.Experiments.Get(request.Experiment);
        var arm = experiment.ArmOf(RequestFields.Needed("user_id", request.UserId));
        (request.Placement, request.SnapshotId, request.Experiment) = (arm.Placement, arm.SnapshotId, "");
        return (experiment, arm);
    }

    /// <summary>Names the arm in the reply, and logs what was shown.</summary>
    public static Proto.PlacementReply Tell(
        Proto.PlacementReply reply,
        (ExperimentDefinition Experiment, ExperimentArm Arm)? assigned,
        WorkspaceCatalog catalog,
        string user,
        CallClock clock)
    {
        if (assigned is var (experiment, arm))
        {
            reply.Arm = arm.Name;
            reply.RecommendationId = Guid.CreateVersion7(clock.Now).ToString("N");
            catalog.Shown.Add(new ShownLine(
                clock.Now,
                reply.RecommendationId,
                experiment.Name,
                experiment.Version,
                arm.Name,
                reply.SnapshotId,
                user,
                [.. reply.Products.Select(product => product.ProductId)]));
        }

        return reply;
    }
}

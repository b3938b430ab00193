using System.Text.Json.Serialization;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>Where a workspace's model stands (product.md, rule 10). A workspace has one model, so never two of the first four.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelState>))]
public enum ModelState
{
    /// <summary>Nothing was ever trained.</summary>
    NotStarted,

    /// <summary>A training holds the workspace and reads its data.</summary>
    PendingTraining,

    /// <summary>A training has its data and fits.</summary>
    Training,

    /// <summary>The last training published its snapshot.</summary>
    TrainingSuccessful,

    /// <summary>The last training failed; a snapshot that was published before it is still served.</summary>
    TrainingFailed,

    /// <summary>The model was taken down: its snapshots stay, none is named to be served.</summary>
    Unpublished,
}
